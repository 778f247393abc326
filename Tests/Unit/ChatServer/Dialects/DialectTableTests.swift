import Domain
import Testing

@testable import ChatServer

struct DialectTableTests {
    private let table = DialectTable()

    @Test(
        arguments: [
            ([], nil), (["x"], nil), (["chat.v1", "CHAT.V2"], nil), (["chat.v2"], "chat.v2"),
            (["x", "chat.v2"], "chat.v2"), (["chat.v2", "x"], "chat.v2"),
        ] as [([String], String?)])
    func `the dialect is chosen by the subprotocols that a client offers`(offered: [String], chosen: String?) {
        #expect(table.dialect(offered: offered).subprotocol == chosen)
    }

    @Test func `an event that a dialect has no words for has no frame in its encoding`() throws {
        let (classic, v2) = (table.dialect(offered: []).encoding, table.dialect(offered: ["chat.v2"]).encoding)
        let foreign = TopicEvent.entry(
            Entry(topic: .room(.global), sequence: SequenceNumber(1), previous: nil, body: .foreignNotice("x")))
        #expect(table.encodings.frame(of: foreign, in: classic) != nil)
        #expect(table.encodings.frame(of: foreign, in: v2) == nil)
        let typing = TopicEvent.notice(
            .typing(
                TypingNotice(
                    room: .global, username: try Username("alice"), session: .random(), isTyping: true)))
        #expect(table.encodings.frame(of: typing, in: classic) == nil)
        #expect(table.encodings.frame(of: typing, in: v2) != nil)
    }
}
