import Domain
import Service
import Testing

@testable import SteppedService

struct ChatServiceTests {
    private let chat = ChatFixture()
    private let dev: RoomName

    init() throws { dev = try RoomName("dev") }

    @Test func `whoever comes is shown that first, and everyone else is told once`() async throws {
        let (_, alice) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        let (_, carol) = try await chat.connect("carol", to: dev)
        try await chat.ports.settle()
        #expect(alice.shown() == ["+alice@global", "+bob@global"])
        #expect(bob.shown() == ["+bob@global"])
        #expect(carol.shown() == ["+carol@dev"])
        #expect(chat.service.sessionCount == 3)
        #expect(chat.service.topics.activeCount == 2)
        #expect(chat.ports.followed == [.room(.global), .room(dev)])
    }

    @Test func `a name in use is refused, and nothing changes`() async throws {
        let (_, alice) = try await chat.connect("alice")
        #expect(alice.shown() == ["+alice@global"])
        let other = chat.edge.connection()
        let code = await ChatError.code {
            try await chat.service.connect(try Username("alice"), entering: dev, through: other)
        }
        try await chat.ports.settle()
        #expect(code == .usernameTaken)
        #expect(other.room == nil && other.shown() == [])
        #expect(alice.shown() == [])
        #expect(chat.service.sessionCount == 1)
        #expect(chat.ports.followed == [.room(.global)])
    }

    @Test func `what is said is shown to the others in the room, in order`() async throws {
        let (session, alice) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        let (_, carol) = try await chat.connect("carol", to: dev)
        try await chat.ports.settle()
        for connection in [alice, bob, carol] { _ = connection.shown() }
        let first = try await chat.send("one", from: session)
        let second = try await chat.send("two", from: session)
        #expect(first.sequence < second.sequence)
        #expect(bob.shown() == ["alice: one", "alice: two"])
        #expect(alice.shown() == [])
        #expect(carol.shown() == [])
    }

    @Test func `a move leaves one room and enters the other, and both are told`() async throws {
        let (session, alice) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        let (_, carol) = try await chat.connect("carol", to: dev)
        try await chat.ports.settle()
        for connection in [alice, bob, carol] { _ = connection.shown() }
        #expect(try await chat.move(session, to: dev))
        try await chat.ports.settle()
        #expect(alice.shown() == ["+alice@dev"])
        #expect(bob.shown() == ["-alice@global"])
        #expect(carol.shown() == ["+alice@dev"])
        #expect(session.currentRoom == dev)
        try await chat.send("here", from: session)
        #expect(carol.shown() == ["alice: here"])
        #expect(bob.shown() == [])
    }

    @Test func `a move to where one is does nothing`() async throws {
        let (session, alice) = try await chat.connect("alice")
        #expect(alice.shown() == ["+alice@global"])
        #expect(try await !chat.move(session, to: .global))
        try await chat.ports.settle()
        #expect(alice.shown() == [])
        #expect(chat.service.topics.activeCount == 1)
    }

    @Test func `who moves in and back out at once is shown each entry once, and nothing of one's own twice`()
        async throws
    {
        let (session, alice) = try await chat.connect("alice")
        let (_, bob) = try await chat.connect("bob")
        for room in [dev, .global, dev, .global] { try await chat.move(session, to: room) }
        try await chat.ports.settle()
        #expect(
            alice.shown().filter { $0.contains("alice") } == [
                "+alice@global", "+alice@dev", "+alice@global", "+alice@dev", "+alice@global",
            ])
        #expect(
            bob.shown() == ["+bob@global", "-alice@global", "+alice@global", "-alice@global", "+alice@global"])
    }

    @Test func `whoever goes is missed by the others, and the name is free`() async throws {
        let (session, alice) = try await chat.connect("alice", to: dev)
        let (other, bob) = try await chat.connect("bob", to: dev)
        try await chat.ports.settle()
        _ = bob.shown()
        await chat.disconnect(session)
        try await chat.ports.settle()
        #expect(bob.shown() == ["-alice@dev"])
        #expect(alice.room == nil)
        #expect(try await chat.service.users().elements == ["bob"])
        let (again, _) = try await chat.connect("alice")
        await chat.disconnect(again)
        await chat.disconnect(other)
        try await chat.expectEmpty()
    }

    @Test func `a departure is told before the name is free for the next`() async throws {
        let (_, bob) = try await chat.connect("bob")
        let (session, _) = try await chat.connect("alice", to: dev)
        // The presence store objects to a release that comes before its announcement.
        try await chat.move(session, to: .global)
        await chat.disconnect(session)
        let (again, _) = try await chat.connect("alice")
        #expect(again.id != session.id)
        #expect(bob.shown() == ["+bob@global", "+alice@global", "-alice@global", "+alice@global"])
    }

    @Test func `lists are sorted by Unicode scalars`() async throws {
        for name in ["b", "日", "a", "B", "é", "😀", "\u{FF5E}"] {
            _ = try await chat.connect(name, to: RoomName("r" + name))
        }
        _ = try await chat.connect("z", to: RoomName("rb"))
        let sorted = ["B", "a", "b", "z", "é", "日", "\u{FF5E}", "😀"]
        #expect(try await chat.service.users().elements == sorted)
        #expect(try await chat.service.users(in: RoomName("rb")).elements == ["b", "z"])
        #expect(try await chat.service.users(in: dev).elements == [])
        #expect(try await chat.service.rooms().elements.map(\.name) == sorted.filter { $0 != "z" }.map { "r" + $0 })
        #expect(try await chat.service.rooms().elements.map(\.members) == [1, 1, 2, 1, 1, 1, 1])
    }

    @Test(arguments: ["", " ", "\n\t", "\u{3000}", "\u{A0}\u{2028}"])
    func `a message that says nothing is refused`(content: String) async throws {
        let (session, _) = try await chat.connect("alice")
        #expect(await ChatError.code { try await chat.send(content, from: session) } == .emptyMessage)
    }

    @Test(arguments: [
        ("12345678901234567890", true), ("123456789012345678901", false), ("日本語日本語", true), ("日本語日本語日", false),
    ])
    func `a message may have so many bytes and no more`(content: String, isAllowed: Bool) async throws {
        let (session, _) = try await chat.connect("alice")
        let code = await ChatError.code { try await chat.send(content, from: session) }
        #expect(code == (isAllowed ? nil : .messageTooLong))
    }

    @Test func `too many messages are refused until time has passed, and refused ones do not count`() async throws {
        let chat = ChatFixture(rate: RateLimit(messages: 2, window: .seconds(10)))
        let (session, _) = try await chat.connect("alice")
        for content in ["", String(repeating: "x", count: 21)] {
            #expect(await ChatError.code { try await chat.send(content, from: session) } != .rateLimited)
        }
        try await chat.send("1", from: session)
        try await chat.send("2", from: session)
        let error = await #expect(throws: ChatError.self) { try await chat.send("3", from: session) }
        #expect(error?.code == .rateLimited)
        let words = "too many messages: at most 2 in 10 s; this one was left out, try again in 5 s"
        #expect(error?.message == words)
        chat.pass(.seconds(5))
        try await chat.send("3", from: session)
        #expect(await ChatError.code { try await chat.send("4", from: session) } == .rateLimited)
        // Each user has their own.
        let (other, _) = try await chat.connect("bob")
        try await chat.send("1", from: other)
    }

    @Test func `other commands count against the rate as messages do`() async throws {
        let chat = ChatFixture(rate: RateLimit(messages: 3, window: .seconds(9)))
        let (session, _) = try await chat.connect("alice")
        try chat.service.takeToken(session)
        try await chat.send("one", from: session)
        try chat.service.takeToken(session)
        let error = #expect(throws: ChatError.self) { try chat.service.takeToken(session) }
        #expect(error?.code == .rateLimited)
        #expect(await ChatError.code { try await chat.send("two", from: session) } == .rateLimited)
        chat.pass(.seconds(3))
        try chat.service.takeToken(session)
        #expect(await ChatError.code { try await chat.send("two", from: session) } == .rateLimited)
    }

    @Test func `without a rate no number of commands is too many`() async throws {
        let (session, _) = try await chat.connect("alice")
        for _ in 0..<1000 { try chat.service.takeToken(session) }
    }

    @Test func `a notice that comes twice is shown once`() async throws {
        let (_, alice) = try await chat.connect("alice")
        _ = alice.shown()
        let notice = MembershipNotice(
            .left, room: .global, username: try Username("ghost"), timestamp: Timestamp(millisecondsSince1970: 0))
        try chat.ports.announce(.membership(notice))
        try chat.ports.announce(.membership(notice))
        try await chat.ports.settle()
        #expect(alice.shown() == ["-ghost@global"])
    }

    @Test func `only a session's own notices are kept from it, not those of another of its name`() async throws {
        let (session, alice) = try await chat.connect("alice")
        _ = alice.shown()
        for id in [session.id, SessionID.random()] {
            let notice = MembershipNotice(
                .left, room: .global, username: session.username, session: id,
                timestamp: Timestamp(millisecondsSince1970: 0))
            try chat.ports.announce(.membership(notice))
        }
        try await chat.ports.settle()
        #expect(alice.shown() == ["-alice@global"])
    }

    @Test func `who has lost the name is sent away, once known`() async throws {
        let (session, alice) = try await chat.connect("alice")
        chat.service.presenceLost(.random())
        #expect(!alice.isEnded)
        chat.service.presenceLost(session.id)
        #expect(alice.isEnded)
    }

    @Test func `who has lost the name goes without a word: it belongs to somebody who is here`() async throws {
        let (_, bob) = try await chat.connect("bob")
        let (session, alice) = try await chat.connect("alice")
        _ = bob.shown()
        chat.ports.lose(session.id, of: chat.service)
        await chat.disconnect(session)
        try await chat.ports.settle()
        #expect(bob.shown() == [])
        #expect(alice.isEnded && alice.room == nil)
        #expect(chat.service.sessionCount == 1)
    }

    @Test func `the departure of a dead instance's user is told, or thrown back`() async throws {
        let (_, alice) = try await chat.connect("alice")
        _ = alice.shown()
        let notice = MembershipNotice(
            .left, room: .global, username: try Username("ghost"), timestamp: Timestamp(millisecondsSince1970: 0))
        chat.ports.takeDown(.announce)
        #expect(throws: ChatError.self) { try chat.service.presenceChanged(notice) }
        chat.ports.bringBack()
        try chat.service.presenceChanged(notice)
        try await chat.ports.settle()
        #expect(alice.shown() == ["-ghost@global"])
    }

    @Test func `whatever fifty users do at once, nothing is left when they are gone`() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<50 {
                group.addTask { [chat] in
                    for _ in 0..<10 {
                        let (session, _) = try await chat.connect("user\(number)", to: RoomName("r\(number % 7)"))
                        for step in 1...5 {
                            try await chat.move(session, to: RoomName("r\((number + step * step) % 7)"))
                            try await chat.send("\(step)", from: session)
                        }
                        await chat.disconnect(session)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await chat.expectEmpty()
    }
}
