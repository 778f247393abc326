import Domain
import Testing

@testable import Service
@testable import SteppedService

/// Users have several sessions, which share the name.
struct SharedNameTests {
    private let chat = ChatFixture(namesBelongToUsers: true)
    private let dev: RoomName

    init() throws { dev = try RoomName("dev") }

    @Test func `a room hears of a user's first session there and of the last, and each sees its own arrival`()
        async throws
    {
        let (_, watcher) = try await chat.connect("bob")
        let (phone, phoneView) = try await chat.connect("alice")
        let (laptop, laptopView) = try await chat.connect("alice")
        try await chat.ports.settle()
        #expect(watcher.shown() == ["+bob@global", "+alice@global"])
        #expect(phoneView.shown() == ["+alice@global"])
        #expect(laptopView.shown() == ["+alice@global"])
        #expect(try await chat.service.users().elements == ["alice", "bob"])
        #expect(try await chat.service.rooms().elements.map(\.members) == [2])
        #expect(chat.service.sessionCount == 3)

        await chat.disconnect(phone)
        try await chat.ports.settle()
        #expect(watcher.shown() == [])
        #expect(laptopView.shown() == [])
        await chat.disconnect(laptop)
        try await chat.ports.settle()
        #expect(watcher.shown() == ["-alice@global"])
        #expect(try await chat.service.users().elements == ["bob"])
    }

    @Test func `each session has its own rooms, and rooms hear of users`() async throws {
        let (_, watcher) = try await chat.connect("bob", to: dev)
        let (phone, _) = try await chat.connect("alice")
        let (laptop, laptopView) = try await chat.connect("alice", to: dev)
        #expect(try await chat.move(phone, to: dev) == true)
        try await chat.ports.settle()
        #expect(phone.rooms == [dev] && laptop.rooms == [dev])
        #expect(try await chat.move(laptop, to: .global) == true)
        try await chat.ports.settle()
        #expect(watcher.shown() == ["+bob@dev", "+alice@dev"])
        #expect(laptopView.shown() == ["+alice@dev", "+alice@global"])
        #expect(try await chat.move(phone, to: .global) == true)
        try await chat.ports.settle()
        #expect(watcher.shown() == ["-alice@dev"])
        #expect(laptopView.shown() == [])
    }

    @Test func `while nobody can say whether it is the last session, no room is told that its user has left`()
        async throws
    {
        let (_, watcher) = try await chat.connect("bob")
        let (phone, _) = try await chat.connect("alice")
        let (laptop, _) = try await chat.connect("alice")
        _ = watcher.shown()
        chat.ports.takeDown(.move)
        await chat.disconnect(phone)
        try await chat.ports.settle()
        #expect(watcher.shown() == [])
        // The store finds out, and tells.
        await chat.disconnect(laptop)
        try await chat.ports.settle()
        #expect(watcher.shown() == ["-alice@global"])
    }

    @Test func `a session that is taken over leaves the user's others where they are`() async throws {
        let (phone, laptop, next) = (chat.edge.connection(), chat.edge.connection(), chat.edge.connection())
        let alice = try Username("alice")
        let first = try await chat.service.open(alice, entering: dev, presenting: nil, through: phone)
        let other = try await chat.service.open(alice, entering: .global, presenting: nil, through: laptop)
        let later = try await chat.service.open(alice, entering: .global, presenting: first.secret, through: next)
        #expect(phone.isEnded && !laptop.isEnded && !next.isEnded)
        #expect(later.rooms == [dev] && other.rooms == [.global])
        #expect(chat.service.sessionCount == 2)
        #expect(chat.count("chat_sessions_succeeded_total") == 1)
    }

    @Test func `what one session says is for all connections of the user, and its dialect may know it by the id`()
        async throws
    {
        let (phone, phoneView) = try await chat.connect("alice")
        let (_, laptopView) = try await chat.connect("alice")
        _ = (phoneView.shown(), laptopView.shown())
        try await chat.send("hi", from: phone)
        // The edge knows which of them has sent it.
        #expect(laptopView.shown() == ["alice: hi"])
        #expect(phone.hasMade(phone.makeMessageID()))
        let other = try await chat.connect("alice").0
        #expect(!phone.hasMade(other.makeMessageID()) && !phone.hasMade(.random()))
    }

    @Test func `a private message is stored for a user who is away, and is in the inbox of a later session`()
        async throws
    {
        let (bob, _) = try await chat.connect("bob")
        let alice = try Username("alice")
        for draft in try await chat.service.privateDrafts("psst", to: alice, id: nil, from: bob) {
            await withCheckedContinuation { continuation in
                chat.service.append(draft) { _ in continuation.resume() }
            }
        }
        for _ in 0..<2 {
            let session = try await chat.service.open(
                alice, entering: .global, presenting: nil, through: chat.edge.connection())
            let start = try await chat.service.beginReadingInbox(of: session, at: .latest(10)) {}
            #expect(start.cursor == .zero && start.head > .zero)
        }
    }

    @Test func `a hole in an inbox ends all connections of its user here`() async throws {
        let connections = SessionDirectory()
        let alice = try Username("alice")
        let views = (0..<2).map { _ in chat.edge.connection() }
        for view in views {
            connections.insert(
                Session(
                    id: .random(), username: alice, principal: Principal(username: alice, kind: .token),
                    rooms: [.global], connection: view))
        }
        guard case .several(let found) = connections.connections(of: "alice", nil) else {
            Issue.record("not both")
            return
        }
        #expect(Set(found.map { ObjectIdentifier($0) }) == Set(views.map { ObjectIdentifier($0) }))
        #expect(connections.count == 2)
    }
}
