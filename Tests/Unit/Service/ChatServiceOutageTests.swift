import Domain
import Service
import Testing

@testable import SteppedService
@testable import TestSupport

/// What is left when a port fails: nothing that leaks, everyone where they were, and whoever asked is told.
struct ChatServiceOutageTests {
    private let chat = ChatFixture()
    private let dev: RoomName

    init() throws { dev = try RoomName("dev") }

    @Test(arguments: [FakePorts.Part.follow, .claim])
    func `who cannot come in leaves nothing behind`(part: FakePorts.Part) async throws {
        chat.ports.takeDown(part)
        let connection = chat.edge.connection()
        let code = await ChatError.code {
            try await chat.service.connect(try Username("alice"), entering: .global, through: connection)
        }
        #expect(code == .unavailable)
        #expect(connection.room == nil && connection.shown() == [])
        try await chat.expectEmpty()
        // And may come later.
        let (session, _) = try await chat.connect("alice")
        await chat.disconnect(session)
        try await chat.expectEmpty()
    }

    @Test(arguments: [FakePorts.Part.follow, .move])
    func `who cannot move stays, and hears and says what was heard and said before`(part: FakePorts.Part) async throws {
        let (session, alice) = try await chat.connect("alice")
        let (other, bob) = try await chat.connect("bob")
        try await chat.ports.settle()
        _ = (alice.shown(), bob.shown())
        chat.ports.takeDown(part)
        #expect(await ChatError.code { try await chat.move(session, to: dev) } == .unavailable)
        #expect(session.currentRoom == .global)
        #expect(alice.room == .global)
        #expect(chat.ports.followed == [.room(.global)])
        #expect(chat.service.topics.activeCount == 1)
        #expect(try await chat.service.users(in: .global).elements == ["alice", "bob"])
        try await chat.send("still here", from: session)
        try await chat.send("so am I", from: other)
        #expect(alice.shown() == ["bob: so am I"])
        #expect(bob.shown() == ["alice: still here"])
        chat.ports.bringBack()
        #expect(try await chat.move(session, to: dev))
        await chat.disconnect(session)
        await chat.disconnect(other)
        try await chat.expectEmpty()
    }

    @Test func `a move into a room where somebody is fails without a trace in it`() async throws {
        let (session, _) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob", to: dev)
        _ = bob.shown()
        chat.ports.takeDown(.move)
        #expect(await ChatError.code { try await chat.move(session, to: dev) } == .unavailable)
        try await chat.ports.settle()
        #expect(bob.shown() == [])
        #expect(chat.ports.followed == [.room(.global), .room(dev)])
    }

    @Test func `a message that cannot be stored is refused to its sender and shown to nobody`() async throws {
        let (session, alice) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        try await chat.ports.settle()
        _ = (alice.shown(), bob.shown())
        chat.ports.takeDown(.append)
        #expect(await ChatError.code { try await chat.send("lost", from: session) } == .unavailable)
        #expect(session.currentRoom == .global)
        chat.ports.bringBack()
        try await chat.send("found", from: session)
        #expect(bob.shown() == ["alice: found"])
    }

    @Test func `where notices do not get out, those of this instance are told all the same`() async throws {
        let (_, bob) = try await chat.connect("bob", to: dev)
        try await chat.ports.settle()
        _ = bob.shown()
        chat.ports.takeDown(.announce)
        let (session, alice) = try await chat.connect("alice", to: dev)
        #expect(alice.shown() == ["+alice@dev"])
        #expect(bob.shown() == ["+alice@dev"])
        await chat.disconnect(session)
        #expect(bob.shown() == ["-alice@dev"])
    }

    @Test func `lists that cannot be had are refused`() async throws {
        let (_, alice) = try await chat.connect("alice")
        chat.ports.takeDown(.lists)
        #expect(await ChatError.code { try await chat.service.users() } == .unavailable)
        #expect(await ChatError.code { try await chat.service.users(in: .global) } == .unavailable)
        #expect(await ChatError.code { try await chat.service.rooms() } == .unavailable)
        #expect(alice.room == .global)
    }

    @Test func `who goes while everything is down leaves nothing behind on this instance`() async throws {
        let (session, _) = try await chat.connect("alice")
        chat.ports.takeDown(.append, .follow, .announce, .claim, .move, .lists, .read)
        await chat.disconnect(session)
        try await chat.expectEmpty()
    }

    @Test(arguments: [1, 3])
    func `what the bus lost is shown in its place, once something after it comes`(lost: Int) async throws {
        try await following(checkingSilenceEvery: .seconds(3600)) {
            let (session, _) = try await chat.connect("alice")
            let (_, bob) = try await chat.connect("bob")
            try await chat.send("first", from: session)
            chat.ports.loseEntries(lost)
            for number in 1...lost { try await chat.send("lost \(number)", from: session) }
            try await chat.send("last", from: session)
            var shown: [String] = []
            try await eventually("the last message") {
                shown += bob.shown()
                return shown.contains("alice: last")
            }
            let expected = ["first"] + (1...lost).map { "lost \($0)" } + ["last"]
            #expect(shown.filter { $0.hasPrefix("alice") } == expected.map { "alice: \($0)" })
        }
    }

    @Test func `a lost message with none after it is shown when the room has fallen silent`() async throws {
        try await following(checkingSilenceEvery: .milliseconds(20)) {
            let (session, _) = try await chat.connect("alice")
            let (_, bob) = try await chat.connect("bob")
            try await chat.send("first", from: session)
            chat.ports.loseEntries(1)
            try await chat.send("last", from: session)
            var shown: [String] = []
            try await eventually("the last message") {
                shown += bob.shown()
                return shown.contains("alice: last")
            }
            #expect(shown.filter { $0.hasPrefix("alice") } == ["alice: first", "alice: last"])
        }
    }

    @Test func `a log that cannot be read is asked again until it can`() async throws {
        try await following(checkingSilenceEvery: .seconds(3600)) {
            let (session, _) = try await chat.connect("alice")
            let (_, bob) = try await chat.connect("bob")
            try await chat.send("first", from: session)
            chat.ports.takeDown(.read)
            chat.ports.loseEntries(1)
            try await chat.send("lost", from: session)
            try await chat.send("last", from: session)
            // Nothing overtakes what is missing.
            #expect(bob.shown().filter { $0.hasPrefix("alice") } == ["alice: first"])
            chat.ports.bringBack()
            var shown: [String] = []
            try await eventually("the last message") {
                shown += bob.shown()
                return shown.contains("alice: last")
            }
            #expect(shown.filter { $0.hasPrefix("alice") } == ["alice: lost", "alice: last"])
        }
    }

    /// Runs `body` while the service looks after its rooms.
    private func following(checkingSilenceEvery interval: Duration, _ body: () async throws -> Void) async throws {
        let following = Task { [chat] in await chat.service.run(every: interval) }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        following.cancel()
        await following.value
        try result.get()
    }
}
