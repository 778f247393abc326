import Domain
import Testing

struct IdentifierTests {
    @Test func `a random token is 128 bits in hexadecimal digits`() {
        for _ in 0..<100 {
            let token = RandomToken.make()
            #expect(token.utf8.count == 32)
            #expect(token.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
        }
    }

    @Test func `random tokens do not repeat, and each digit takes each value at each place`() {
        let tokens = (0..<2000).map { _ in RandomToken.make() }
        #expect(Set(tokens).count == tokens.count)
        for position in 0..<32 {
            #expect(Set(tokens.map { Array($0.utf8)[position] }).count == 16)
        }
    }

    @Test func `a random message id is no longer than an id may be`() {
        #expect(MessageID.random().text.unicodeScalars.count <= MessageID.maximumLength)
        #expect(MessageID.random() != MessageID.random())
        #expect(SessionID.random() != SessionID.random())
    }

    @Test func `sequence numbers are ordered as numbers`() {
        #expect(SequenceNumber(9) < SequenceNumber(10))
        #expect(SequenceNumber(UInt64.max - 1) < SequenceNumber(.max))
        #expect("\(SequenceNumber(.max))" == "18446744073709551615")
    }
}
