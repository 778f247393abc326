import Domain
import NIOEmbedded
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// What the edge measures: once per message and event loop, not per reader.
struct EdgeLatencyTests {
    private let edge = EmbeddedEdge()

    /// Connected, and shown the room `global` live.
    private func reader(_ name: String) throws -> EmbeddedClient {
        let client = try edge.connectV2("username=\(name)")
        edge.turn()
        try client.ask(.joinRoom(V2Join(room: "global", history: 0)))
        edge.turn()
        #expect(try client.v2().map(\.event.type) == ["welcome", "joined", "history"])
        return client
    }

    private var deliveries: Int? { edge.count("chat_delivery_seconds_count") }
    private var appends: Int? { edge.count("chat_append_seconds_count") }

    @Test func `a message counts once however many read it, and notices do not count`() throws {
        for name in ["alice", "bob", "carol"] { _ = try reader(name) }
        #expect(deliveries == 0)
        edge.chat.store("hello")
        edge.turn()
        #expect(deliveries == 1)
        #expect(appends == 0)
        for text in ["a", "b", "c"] { edge.chat.store(text) }
        edge.turn()
        #expect(deliveries == 4)
    }

    @Test func `a message that nobody here reads is not counted`() throws {
        _ = try reader("alice")
        edge.chat.store("elsewhere", in: try RoomName("dev"))
        edge.turn()
        #expect(deliveries == 0)
    }

    @Test func `each acknowledgement counts once, of a duplicate too, and a refusal does not`() throws {
        let alice = try reader("alice")
        for _ in 0..<2 {
            try alice.ask(.chatMessage(content: "hello", room: nil, id: "m"))
            edge.turn()
        }
        #expect(try alice.v2().map(\.event.type) == ["ack", "ack"])
        #expect(appends == 2)
        #expect(deliveries == 1)
        edge.chat.log.refuseAppends()
        try alice.ask(.chatMessage(content: "lost", room: nil, id: "n"))
        edge.turn()
        #expect(try alice.v2().map(\.event.type) == ["error"])
        #expect(appends == 2)
    }

    @Test func `a private message is two in the log and one that is acknowledged`() throws {
        let alice = try reader("alice")
        _ = try reader("bob")
        try alice.ask(.privateMessage(to: "bob", content: "psst", id: "m"))
        edge.turn()
        #expect(try alice.v2().map(\.event.type).filter { $0 == "ack" } == ["ack"])
        #expect(appends == 1)
    }

    @Test func `what was held back behind a hole counts from then`() throws {
        _ = try reader("alice")
        let message = Message(
            id: MessageID("m"), sender: "zoe", content: "late", timestamp: SteppedChat.now)
        let entry = Entry(
            topic: .room(.global), sequence: SequenceNumber(900), previous: nil, body: .message(message))
        edge.fanout.deliver(.entry(entry), except: .none, heldBack: .seconds(7))
        edge.eventLoop.run()
        #expect(edge.count("chat_delivery_seconds_bucket{le=\"5\"}") == 0)
        #expect(edge.count("chat_delivery_seconds_bucket{le=\"10\"}") == 1)
    }
}
