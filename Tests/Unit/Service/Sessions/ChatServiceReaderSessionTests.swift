import Domain
import Synchronization
import Testing

@testable import Service
@testable import SteppedService

/// Sessions of clients that read their rooms, and may come back to them.
struct ChatServiceReaderSessionTests {
    private let chat = SteppedChat(grace: .seconds(8))
    private let dev: RoomName

    init() throws { dev = try RoomName("dev") }

    private var users: [String] {
        get async throws { try await chat.service.users().elements }
    }

    /// A reader that is live in a room.
    private func live(_ name: String, in room: RoomName = .global) throws -> SteppedReader {
        let reader = try chat.open(name, to: room)
        try reader.read(.room(room), at: .latest(0))
        chat.settle()
        _ = reader.connection.events()
        return reader
    }

    /// Notices that were shown since the last look, with the members that they tell.
    private func notices(_ reader: SteppedReader) -> [String] {
        chat.settle()
        return reader.connection.events().compactMap { event in
            guard case .notice(.membership(let notice)) = event else { return nil }
            let sign = notice.change == .joined ? "+" : "-"
            return "\(sign)\(notice.username)@\(notice.room) \(notice.members.map(String.init) ?? "?")"
        }
    }

    // MARK: Coming and going

    @Test func `who comes is told to those who read, with the number of users, and not to oneself`() throws {
        let bob = try live("bob")
        let alice = try live("alice")
        #expect(notices(bob) == ["+alice@global 2"])
        #expect(notices(alice) == [])
        #expect(chat.service.sessionCount == 2)
    }

    @Test func `before one reads a room one is shown nothing of it`() async throws {
        let alice = try chat.open("alice")
        chat.store("hello")
        _ = try live("bob")
        #expect(alice.connection.shown() == [])
        #expect(chat.service.topics.activeCount == 1)
        await chat.service.close(alice.session, isGoodbye: true)
        #expect(chat.service.topics.activeCount == 1)
    }

    @Test func `rooms are entered and left with their counts, and kept where that is wished`() async throws {
        let bob = try live("bob", in: dev)
        let alice = try live("alice")
        let (members, left) = try await chat.service.enter(dev, alice.session, stay: true)
        #expect(members == 2 && left == [])
        #expect(alice.session.rooms == [.global, dev])
        #expect(alice.session.currentRoom == dev)
        #expect(notices(bob) == ["+alice@dev 2"])
        // Once more is no news, and makes it the current one again.
        let ops = try RoomName("ops")
        try await chat.service.enter(ops, alice.session, stay: true)
        let again = try await chat.service.enter(dev, alice.session, stay: true)
        #expect(again.members == 2 && again.left == [])
        #expect(alice.session.rooms == [.global, ops, dev])
        #expect(notices(bob) == [])
        // Without `stay` the others are left.
        let only = try await chat.service.enter(ops, alice.session, stay: false)
        #expect(only.members == 1 && Set(only.left) == [.global, dev])
        #expect(notices(bob) == ["-alice@dev 1"])
        #expect(alice.session.rooms == [ops])
    }

    @Test func `who leaves the last room is in global, and global is not left for want of another`() async throws {
        let bob = try live("bob")
        let alice = try live("alice", in: dev)
        let (left, members) = try await chat.service.leave(nil, alice.session)
        #expect(left == dev && members == 2)
        #expect(notices(bob) == ["+alice@global 2"])
        let again = try await chat.service.leave(.global, alice.session)
        #expect(again.left == .global && again.membersOfGlobal == 2)
        #expect(notices(bob) == [])
        #expect(alice.session.rooms == [.global])
        #expect(await ChatError.code { try await chat.service.leave(dev, alice.session) } == .notInRoom)
        try await chat.service.enter(dev, alice.session, stay: true)
        let one = try await chat.service.leave(.global, alice.session)
        #expect(one.left == .global && one.membersOfGlobal == nil)
        #expect(notices(bob) == ["-alice@global 1"])
        #expect(alice.session.rooms == [dev])
    }

    // MARK: Succession

    @Test func `who comes back with the secret is where one was, the old connection ends, and nobody hears of it`()
        async throws
    {
        let bob = try live("bob")
        let first = try live("alice")
        try await chat.service.enter(dev, first.session, stay: true)
        _ = notices(bob)
        let second = try chat.open("alice", to: try RoomName("elsewhere"), presenting: first.session.secret)
        #expect(second.session.id != first.session.id)
        #expect(second.session.rooms == [.global, dev])
        #expect(second.session.secret == first.session.secret)
        #expect(first.connection.ending == .nameLost)
        #expect(notices(bob) == [])
        #expect(chat.service.sessionCount == 2)
        #expect(chat.count("chat_sessions_succeeded_total") == 1)
        // Whenever the old connection is gone: it takes nothing with it.
        await chat.service.close(first.session, isGoodbye: true)
        #expect(notices(bob) == [])
        #expect(try await users == ["alice", "bob"])
        #expect(chat.service.detachedSessionCount == 0)
        // And the name is the successor's, who can be succeeded in turn.
        let third = try chat.open("alice", presenting: second.session.secret)
        #expect(second.connection.ending == .nameLost && third.connection.ending == nil)
    }

    @Test func `without the right secret the name is taken, and nobody is sent away`() async throws {
        let alice = try live("alice")
        for secret in [nil, SessionSecret.random()] {
            let connection = chat.edge.connection()
            let code = await ChatError.code {
                try await chat.service.open(
                    try Username("alice"), entering: dev, presenting: secret, through: connection)
            }
            #expect(code == .usernameTaken)
        }
        #expect(alice.connection.ending == nil)
        #expect(chat.service.sessionCount == 1)
    }

    @Test func `a secret that fits nothing just claims a free name`() throws {
        let secret = SessionSecret.random()
        let alice = try chat.open("alice", to: dev, presenting: secret)
        #expect(alice.session.rooms == [dev])
        #expect(alice.session.secret != secret && alice.session.secret != nil)
    }

    @Test func `a session elsewhere that is succeeded hears of it over the bus, and one that is not does not`() throws {
        let alice = try live("alice")
        chat.log.tell(.announcement(.succession(.random())))
        #expect(alice.connection.ending == nil)
        chat.log.tell(.announcement(.succession(alice.session.id)))
        #expect(alice.connection.ending == .nameLost)
        #expect(chat.service.sessionCount == 0)
    }

    // MARK: The grace period

    @Test func `who is cut off stays for the grace period, and is gone after it`() async throws {
        let bob = try live("bob")
        let alice = try live("alice")
        try await chat.service.enter(dev, alice.session, stay: true)
        _ = notices(bob)
        await chat.service.close(alice.session, isGoodbye: false)
        #expect(chat.service.detachedSessionCount == 1)
        chat.pass(.milliseconds(7999))
        await chat.service.releaseDetached()
        #expect(notices(bob) == [])
        #expect(try await users == ["alice", "bob"])
        let code = await ChatError.code {
            try await chat.service.open(
                try Username("alice"), entering: dev, presenting: nil, through: chat.edge.connection())
        }
        #expect(code == .usernameTaken)
        chat.pass(.milliseconds(1))
        await chat.service.releaseDetached()
        #expect(notices(bob) == ["-alice@global 1"])
        #expect(try await users == ["bob"])
        #expect(try await chat.service.rooms().elements == [RoomSummary(name: "global", members: 1)])
        #expect(chat.service.detachedSessionCount == 0)
        #expect(chat.service.sessionCount == 1)
    }

    @Test func `who says goodbye is gone at once`() async throws {
        let bob = try live("bob")
        let alice = try live("alice")
        _ = notices(bob)
        await chat.service.close(alice.session, isGoodbye: true)
        #expect(notices(bob) == ["-alice@global 1"])
        #expect(try await users == ["bob"])
        #expect(chat.service.detachedSessionCount == 0)
    }

    @Test func `who comes back in time was never gone, however long ago that is`() async throws {
        let bob = try live("bob")
        let alice = try live("alice")
        _ = notices(bob)
        await chat.service.close(alice.session, isGoodbye: false)
        chat.pass(.seconds(7))
        let again = try chat.open("alice", presenting: alice.session.secret)
        for _ in 0..<3 {
            chat.pass(.seconds(8))
            await chat.service.releaseDetached()
        }
        #expect(notices(bob) == [])
        #expect(try await users == ["alice", "bob"])
        #expect(again.connection.ending == nil)
        #expect(chat.service.sessionCount == 2)
        #expect(chat.service.detachedSessionCount == 0)
    }

    @Test func `who has lost the name has no grace, and is not missed`() async throws {
        let bob = try live("bob")
        let alice = try live("alice")
        _ = notices(bob)
        chat.service.presenceLost(alice.session.id)
        await chat.service.close(alice.session, isGoodbye: false)
        #expect(notices(bob) == [])
        #expect(chat.service.detachedSessionCount == 0)
    }

    @Test func `a classic session has no secret, so nobody can succeed it`() async throws {
        let connection = chat.edge.connection()
        let alice = try Username("alice")
        let opening = chat.begin { [chat] in
            try await chat.service.connect(alice, entering: .global, through: connection)
        }
        chat.settle()
        let session = try await opening.value
        #expect(session.secret == nil)
        let code = await ChatError.code {
            try await chat.service.open(
                try Username("alice"), entering: dev, presenting: .random(), through: chat.edge.connection())
        }
        #expect(code == .usernameTaken)
    }

    // MARK: Inboxes

    private func say(_ content: String, to recipient: String, from sender: SteppedReader) async throws {
        let drafts = try await chat.service.privateDrafts(
            content, to: try Username(recipient), id: nil, from: sender.session)
        for draft in drafts { chat.service.append(draft) { _ in } }
        chat.settle()
    }

    @Test func `a private message has a copy in both inboxes, one to oneself only one`() async throws {
        let alice = try chat.open("alice")
        _ = try chat.open("bob")
        try await say("psst", to: "bob", from: alice)
        try await say("note", to: "alice", from: alice)
        let (own, others) = (Topic.inbox(try Username("alice")), Topic.inbox(try Username("bob")))
        #expect(chat.log.retained(others).count == 1)
        #expect(chat.log.retained(own).count == 2)
        // The recipient's copy is stored first: an acknowledgement of the other says that both are there.
        let first = try #require(chat.log.retained(others).first?.sequence)
        #expect(chat.log.retained(own).first.map { $0.sequence > first } == true)
    }

    @Test func `nobody writes to whom nobody knows, nor where that cannot be found out`() async throws {
        let alice = try chat.open("alice")
        #expect(await ChatError.code { try await say("psst", to: "ghost", from: alice) } == .noSuchUser)
        // In the grace period one is still there.
        let bob = try chat.open("bob")
        await chat.service.close(bob.session, isGoodbye: false)
        try await say("psst", to: "bob", from: alice)
        #expect(chat.log.retained(.inbox(try Username("bob"))).count == 1)
    }

    @Test func `an inbox begins where its name was claimed, and where it was for a successor`() async throws {
        let alice = try chat.open("alice")
        let bob = try chat.open("bob")
        try await say("one", to: "bob", from: alice)
        #expect(bob.session.inboxStart == .zero)
        let again = try chat.open("bob", presenting: bob.session.secret)
        #expect(again.session.inboxStart == .zero)
        await chat.service.close(again.session, isGoodbye: true)
        // Another user of the name reads nothing old.
        let other = try chat.open("bob")
        let start = other.session.inboxStart
        #expect(start == chat.log.retained(.inbox(try Username("bob"))).last?.sequence)
        try await say("two", to: "bob", from: alice)
        let inbox = Topic.inbox(try Username("bob"))
        try other.read(inbox, at: .latest(50), notBefore: start)
        chat.settle()
        #expect(other.start?.hasOlder == false)
        #expect(other.numbers().count == 1)
    }

    @Test func `while the log cannot be asked, nobody new comes in, since their inbox would have no beginning`()
        async throws
    {
        chat.log.refuseReads()
        let bob = try Username("bob")
        let refused = Mutex<ChatError.Code?>(nil)
        let connection = chat.edge.connection()
        chat.begin { [chat] in
            let code = await ChatError.code {
                try await chat.service.open(bob, entering: .global, presenting: nil, through: connection)
            }
            refused.withLock { $0 = code }
        }
        chat.settle()
        #expect(refused.withLock { $0 } == .unavailable)
        chat.log.refuseReads(false)
        // The name is free again, and nobody was told of anything.
        let later = try chat.open("bob")
        #expect(later.session.inboxStart == .zero)
    }
}
