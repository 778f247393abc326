import Domain
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// Who is too fast, and who goes.
extension V2ConversationTests {
    // MARK: Limits

    @Test func `who does not stop when told to is sent away, and not before`() throws {
        let edge = EmbeddedEdge(rate: RateLimit(messages: 1, window: .seconds(3600)))
        let client = try edge.connectV2("username=alice")
        edge.turn()
        _ = try client.v2()
        for number in 0...100 { try client.ask(.chatMessage(content: "\(number)", room: nil, id: nil)) }
        edge.turn()
        let patient = try client.v2()
        #expect(patient.filter { $0.event.type == "error" }.count == 100)
        // The first one's acknowledgement comes when the log has it, at whatever place.
        guard case .error("rate_limited", _, let wait?)? = patient.last(where: { $0.event.type == "error" })?.event
        else {
            Issue.record("not told how long to wait")
            return
        }
        #expect((1...3_600_000).contains(wait))
        try client.ask(.listRooms())
        edge.turn()
        #expect(try client.frames().last == .close(4008))
    }

    @Test func `nothing more is read from a client that has too much unacknowledged`() throws {
        let client = try live("alice")
        for number in 0..<127 { try client.ask(.chatMessage(content: "\(number)", room: nil, id: nil)) }
        #expect(!client.connection.isReadingPaused)
        try client.ask(.chatMessage(content: "127", room: nil, id: nil))
        #expect(client.connection.isReadingPaused)
        edge.turn()
        #expect(!client.connection.isReadingPaused)
        #expect(try client.v2().count == 128)
    }

    // MARK: Going

    @Test func `who says goodbye is gone at once, who is cut off is waited for`() throws {
        let (alice, bob) = (try connect("alice"), try connect("bob"))
        try alice.receive(.connectionClose, [0x03, 0xE8])
        edge.turn()
        #expect(edge.chat.service.sessionCount == 1 && edge.chat.service.detachedSessionCount == 0)
        _ = try bob.channel.finish()
        edge.turn()
        #expect(edge.chat.service.sessionCount == 1 && edge.chat.service.detachedSessionCount == 1)
        #expect(edge.chat.service.topics.activeCount == 0)
    }

    @Test func `what was sent before the goodbye is done`() throws {
        let alice = try connect("alice")
        try alice.ask(.joinRoom(V2Join(room: "dev")))
        try alice.ask(.chatMessage(content: "last words", room: nil, id: nil))
        try alice.receive(.connectionClose, [0x03, 0xE8])
        edge.turn()
        #expect(edge.chat.log.retained(.room(try RoomName("dev"))).count == 1)
        #expect(edge.chat.service.sessionCount == 0)
    }

    @Test func `who is sent away is told when to come back, and then goodbye`() throws {
        let client = try live("alice")
        client.connection.sendAway(after: .milliseconds(1500), because: "the server is shutting down")
        edge.turn()
        #expect(
            try client.v2() == [V2Frame(.reconnect(reason: "the server is shutting down", delayMilliseconds: 1500))])
        edge.chat.store("still here")
        edge.turn()
        #expect(try words(client) == ["1 zoe: still here"])
        edge.eventLoop.advanceTime(by: .milliseconds(1500))
        #expect(try words(client) == ["close 1012"])
    }
}
