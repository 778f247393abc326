import Domain
import Testing

@testable import Service
@testable import SteppedService

/// What administrators say, and what they see of this instance.
struct ChatServiceTellingTests {
    private let system: Username

    init() throws { system = try Username("system") }

    @Test func `what is published is an ordinary message of the room`() async throws {
        let chat = ChatFixture()
        let (_, connection) = try await chat.connect("alice")
        let (draft, stored) = try await chat.service.publish("hello", in: .global, as: system, id: MessageID("x"))
        try await chat.ports.settle()
        #expect(draft.id == MessageID("x") && !stored.isDuplicate && stored.timestamp == draft.timestamp)
        #expect(connection.shown().last == "system: hello")
        #expect(chat.service.activity.totals.messages == 1)
    }

    @Test func `what cannot be said is not stored`() async throws {
        let chat = ChatFixture(messageBytes: 5)
        #expect(
            await ChatError.code { try await chat.service.publish("123456", in: .global, as: system, id: nil) }
                == .messageTooLong)
        #expect(
            await ChatError.code { try await chat.service.publish(" \n", in: .global, as: system, id: nil) }
                == .emptyMessage)
        #expect(await ChatError.code { try chat.service.announce("") } == .emptyMessage)
        #expect(await ChatError.code { try chat.service.announce("123456") } == .messageTooLong)
        #expect(chat.service.activity.totals.messages == 0)
    }

    @Test func `an announcement goes to the edge, and to nobody while the bus is down`() async throws {
        let chat = ChatFixture()
        try chat.service.announce("soon")
        try await chat.ports.settle()
        #expect(chat.edge.announcements.map(\.content) == ["soon"])
        chat.ports.takeDown(.announce)
        #expect(await ChatError.code { try chat.service.announce("later") } == .unavailable)
        chat.ports.bringBack()
        try await chat.ports.settle()
        #expect(chat.edge.announcements.count == 1)
        #expect(chat.service.activity.report.events.map(\.kind) == [.announced])
    }

    @Test func `connections are listed part by part, without those that were cut off`() async throws {
        let chat = ChatFixture()
        var sessions: [Session] = []
        for name in ["alice", "bob", "carol"] { sessions.append(try await chat.connect(name).0) }
        try await chat.send("hello", from: sessions[0])
        let (first, more) = chat.service.connections(after: nil, limit: 2)
        #expect(first.count == 2 && more)
        let (rest, isCut) = chat.service.connections(after: first.last?.id, limit: 2)
        #expect(rest.count == 1 && !isCut)
        let all = first + rest
        #expect(all.map(\.id) == all.map(\.id).sorted())
        #expect(Set(all.map(\.username)) == ["alice", "bob", "carol"])
        #expect(all.first { $0.username == "alice" }?.messagesSent == 1)
        #expect(all.first { $0.username == "bob" }?.messagesSent == 0)
        let connection = chat.edge.connection()
        let dora = try await chat.service.open(
            try Username("dora"), entering: .global, presenting: nil, through: connection)
        await chat.service.close(dora, isGoodbye: false)
        #expect(chat.service.connections(after: nil, limit: 10).connections.count == 3)
    }

    @Test func `who comes, goes and is refused is noted`() async throws {
        let chat = ChatFixture()
        let (alice, _) = try await chat.connect("alice")
        #expect(await ChatError.code { try await chat.connect("alice") } == .usernameTaken)
        try await chat.move(alice, to: try RoomName("dev"))
        await chat.disconnect(alice)
        let events = chat.service.activity.report.events
        #expect(events.map(\.kind) == [.connected, .joined, .refused, .left, .joined, .disconnected, .left])
        #expect(events.allSatisfy { $0.username == "alice" })
        #expect(events.map(\.room) == [nil, "global", "global", "global", "dev", nil, "dev"])
    }
}
