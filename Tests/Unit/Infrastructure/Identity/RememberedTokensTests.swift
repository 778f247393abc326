import Crypto
import Domain
import Testing

@testable import InfrastructureIdentity

struct RememberedTokensTests {
    private func digest(_ number: Int) -> SHA256Digest { SHA256.hash(data: Array("\(number)".utf8)) }

    private func principal(_ number: Int) throws -> Principal { .guest(try Username("user-\(number)")) }

    @Test func `never more are remembered than there is room for, and what is in use stays`() throws {
        var tokens = RememberedTokens(capacity: 10)
        for number in 0..<100 {
            tokens.insert(try principal(number), for: digest(number))
            #expect(tokens.count <= 10)
            let first = tokens.principal(of: digest(0))
            #expect(first == (try principal(0)))
        }
        let found = [99, 50].map { tokens.principal(of: digest($0)) }
        #expect(found == [try principal(99), nil])
    }

    @Test func `what is removed is gone, wherever it was`() throws {
        var tokens = RememberedTokens(capacity: 4)
        for number in 0..<4 { tokens.insert(try principal(number), for: digest(number)) }
        for number in [0, 3] {
            tokens.remove(digest(number))
            let found = tokens.principal(of: digest(number))
            #expect(found == nil)
        }
        tokens.removeAll()
        #expect(tokens.count == 0)
    }
}
