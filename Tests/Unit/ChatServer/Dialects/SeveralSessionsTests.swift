import Domain
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Service
import Testing
import Wire

@testable import ChatServer
@testable import SteppedService

/// One user on several devices: what one says the others see.
struct SeveralSessionsTests {
    private let edge: EmbeddedEdge

    /// The names of the users are their tokens.
    init() throws {
        let authenticator = FakeAuthenticator()
        for name in ["alice", "bob"] { authenticator.give(name, to: try .holder(name)) }
        edge = EmbeddedEdge(namesBelongToUsers: true) { Identification(authenticator: authenticator, now: $0) }
    }

    private func live(_ name: String) throws -> EmbeddedClient {
        let client = try edge.connectV2("token=\(name)")
        try client.ask(.joinRoom(V2Join(room: "global", history: 0)))
        edge.turn()
        #expect(try client.v2().map(\.event.type) == ["welcome", "joined", "history"])
        return client
    }

    @Test func `of a user's sessions the one that has said something is told so, the others see it`() throws {
        let (phone, laptop, bob) = (try live("alice"), try live("alice"), try live("bob"))
        edge.turn()
        for client in [phone, laptop, bob] { _ = try client.v2() }
        try phone.ask(.chatMessage(content: "hi", room: nil, id: "m1"), ref: "r")
        edge.turn()
        #expect(try phone.v2().map(\.event.type) == ["ack"])
        for client in [laptop, bob] {
            let events = try client.v2().map(\.event)
            guard case .chatMessage(let message)? = events.first, events.count == 1 else {
                Issue.record("not shown: \(events)")
                continue
            }
            #expect(message.sender == "alice" && message.content == "hi" && message.id == "m1")
        }
    }

    @Test func `both may speak in one tick, and each is told in its place`() throws {
        let (phone, laptop) = (try live("alice"), try live("alice"))
        edge.turn()
        for client in [phone, laptop] { _ = try client.v2() }
        try phone.ask(.chatMessage(content: "a", room: nil, id: "a"))
        try laptop.ask(.chatMessage(content: "b", room: nil, id: "b"))
        edge.turn()
        #expect(try phone.v2().map(\.event.type) == ["ack", "chat_message"])
        #expect(try laptop.v2().map(\.event.type) == ["chat_message", "ack"])
    }

    @Test func `a classic session sees what the user's others say, and not what it says itself`() throws {
        let (old, other) = (try edge.connectClassic("token=alice"), try edge.connectClassic("token=alice"))
        edge.turn()
        #expect(try old.texts() == ["alice joined the room global"])
        let texts = try other.texts()
        #expect(texts == ["alice joined the room global"])
        try old.receive(.text, ClassicCommand.chatMessage(content: "hello").json)
        edge.turn()
        #expect(try old.bytes().isEmpty)
        #expect(try other.bytes().contains(#""sender":"alice","content":"hello""#))
        let phone = try live("alice")
        try phone.ask(.chatMessage(content: "and this", room: nil, id: "m"))
        edge.turn()
        #expect(try old.bytes().contains(#""content":"and this""#))
        #expect(try other.bytes().contains(#""content":"and this""#))
    }

    @Test func `a private message reaches every session of both users`() throws {
        let clients = [try live("alice"), try live("alice"), try live("bob"), try live("bob")]
        for client in clients { try client.ask(.inbox(resume: nil, limit: 1)) }
        edge.turn()
        for client in clients { _ = try client.v2() }
        try clients[0].ask(.privateMessage(to: "bob", content: "psst", id: "p"))
        edge.turn()
        #expect(try clients[0].v2().map(\.event.type) == ["ack"])
        for client in clients.dropFirst() {
            let types = try client.v2().map(\.event.type)
            #expect(types == ["private_message"])
        }
    }

    @Test func `of a name that is not shared a session sees nothing of what an earlier one has said`() throws {
        let edge = EmbeddedEdge()
        let old = try edge.connectClassic("username=alice")
        edge.turn()
        #expect(try old.texts() == ["alice joined the room global"])
        edge.chat.store("from before", from: "alice")
        edge.turn()
        #expect(try old.bytes().isEmpty)
    }
}

extension EmbeddedClient {
    /// What has reached the socket since the last look, as it is.
    fileprivate func bytes() throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }
}
