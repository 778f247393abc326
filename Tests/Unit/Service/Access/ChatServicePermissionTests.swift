import Domain
import Testing

@testable import Service
@testable import SteppedService

/// What a session may do follows from its principal, on every way in.
struct ChatServicePermissionTests {
    private let chat = ChatFixture()
    private let dev: RoomName
    private let news: RoomName
    private let secret: RoomName
    private let nothing: RoomName

    init() throws {
        dev = try RoomName("dev")
        news = try RoomName("news")
        secret = try RoomName("secret")
        nothing = try RoomName("nothing")
    }

    private func principal(_ name: String, _ rooms: [String]?, _ readRooms: [String] = []) throws -> Principal {
        Principal(
            username: try Username(name), kind: .token,
            permissions: Permissions(
                rooms: try rooms?.map { text in try RoomPattern(text) },
                readRooms: try readRooms.map { text in try RoomPattern(text) }))
    }

    /// Begins a session that reads the log.
    private func open(
        _ principal: Principal, in room: RoomName = .global, presenting secret: SessionSecret? = nil
    ) async throws -> (session: Session, connection: FakeConnection) {
        let connection = chat.edge.connection()
        let session = try await chat.service.open(
            SessionRequest(
                try #require(principal.username), principal: principal, entering: room,
                resumption: .possible(presenting: secret)), through: connection)
        try await chat.ports.settle()
        return (session, connection)
    }

    /// Reads a room from its newest message on.
    private func read(_ room: RoomName, _ session: Session, _ connection: FakeConnection) async throws {
        let topic = Topic.room(room)
        let start = try await chat.service.topics.beginReading(topic, at: .latest(0))
        _ = try await chat.service.topics.read(
            topic, after: start.cursor, in: start.epoch, limit: TopicEngine.pageLimit
        ) { connection.goLive(topic, with: $0) }
    }

    /// What a request is refused with, in its room's stead.
    private func refusal(_ room: RoomName, _ body: () async throws(ChatError) -> Void) async -> String {
        do throws(ChatError) {
            try await body()
            return "done"
        } catch {
            return "\(error.code.rawValue): " + error.message.replacing(room.text, with: "ROOM")
        }
    }

    // MARK: Rooms that may not be read

    @Test func `a room that may not be read is the same whether it exists or not`() async throws {
        _ = try await open(principal("bob", nil), in: secret)
        let (alice, _) = try await open(principal("alice", ["dev"]), in: dev)
        let service = chat.service
        for room in [secret, nothing] {
            let answers = [
                await refusal(room) { () throws(ChatError) in try await service.enter(room, alice, stay: true) },
                await refusal(room) { () throws(ChatError) in _ = try await service.leave(room, alice) },
                await refusal(room) { () throws(ChatError) in
                    _ = try await service.history(of: room, .latest, limit: 1, for: alice)
                },
                await refusal(room) { () throws(ChatError) in
                    _ = try service.draft("hello", in: room, id: nil, from: alice)
                },
                await refusal(room) { () throws(ChatError) in try service.announceTyping(true, in: room, from: alice) },
                await refusal(room) { () throws(ChatError) in
                    _ = try await service.users(in: room, for: alice.principal)
                },
            ]
            #expect(answers == Array(repeating: "forbidden: you may not enter the room ROOM", count: 6))
        }
        #expect(alice.rooms == [dev])
        #expect(chat.ports.followed == [])
    }

    @Test func `a room that may be read only is entered and read, and nothing is said in it`() async throws {
        let (alice, _) = try await open(principal("alice", ["dev"], ["news"]), in: dev)
        let service = chat.service
        try await service.enter(news, alice, stay: true)
        _ = try await service.history(of: news, .latest, limit: 1, for: alice)
        #expect(try await service.users(in: news, for: alice.principal).elements == ["alice"])
        let words = "forbidden: you may only read in the room ROOM"
        for room in [news, nil] {
            #expect(
                await refusal(news) { () throws(ChatError) in
                    _ = try service.draft("hello", in: room, id: nil, from: alice)
                } == words)
            #expect(
                await refusal(news) { () throws(ChatError) in try service.announceTyping(true, in: room, from: alice) }
                    == words)
        }
        _ = try service.draft("hello", in: dev, id: nil, from: alice)
    }

    @Test func `who may not read global begins in no room, and is in none after leaving the last`() async throws {
        let (alice, _) = try await open(principal("alice", ["dev"]))
        #expect(alice.rooms == [] && alice.currentRoom == nil)
        #expect(try await chat.service.rooms().elements == [])
        #expect(try await chat.service.users().elements == ["alice"])
        #expect(
            await refusal(dev) { () throws(ChatError) in
                _ = try chat.service.draft("hello", in: nil, id: nil, from: alice)
            } == "not_in_room: you are in no room")
        try await chat.service.enter(dev, alice, stay: false)
        let (left, members) = try await chat.service.leave(nil, alice)
        #expect(left == dev && members == nil)
        #expect(alice.rooms == [])
        await chat.service.close(alice, isGoodbye: true)
        try await chat.expectEmpty()
    }

    @Test func `who asks for a room that may not be read does not come in, and leaves nothing behind`() async throws {
        let code = await ChatError.code { try await open(principal("alice", ["dev"]), in: secret) }
        #expect(code == .forbidden)
        try await chat.expectEmpty()
    }

    @Test func `a reader without history is in no room where it may read none`() async throws {
        let connection = chat.edge.connection()
        let request = SessionRequest(
            try Username("alice"), principal: try principal("alice", ["dev"]), entering: .global, resumption: .none)
        let session = try await chat.service.open(request, through: connection, goLive: connection.goLive)
        #expect(session.rooms == [] && connection.room == nil)
        try await chat.service.enter(dev, session, stay: false, goLive: connection.goLive)
        #expect(connection.room == dev)
        _ = try await chat.service.leave(nil, session, goLive: connection.goLive)
        #expect(session.rooms == [] && connection.room == nil)
        await chat.disconnect(session)
        try await chat.expectEmpty()
    }

    // MARK: Lists and private messages

    @Test func `the list of rooms has those that may be read, page by page`() async throws {
        for (number, room) in ["a", "dev", "secret", "team-1", "team-2", "team-3", "z"].enumerated() {
            _ = try await open(principal("user-\(number)", nil), in: try RoomName(room))
        }
        let permissions = try principal("alice", ["team-*", "dev", "gone"], ["z"]).permissions
        for limit in 1...6 {
            var names: [String] = []
            var after: String?
            while true {
                let page = try await chat.service.rooms(ListRange(after: after, limit: limit), for: permissions)
                #expect(page.elements.count <= limit)
                names += page.elements.map(\.name)
                after = page.elements.last?.name ?? after
                if !page.more { break }
                try #require(!page.elements.isEmpty)
            }
            #expect(names == ["dev", "team-1", "team-2", "team-3", "z"])
        }
        #expect(try await chat.service.rooms(for: permissions).total == 5)
        #expect(try await chat.service.rooms(ListRange(limit: 2), for: permissions).total == nil)
        #expect(try await chat.service.rooms(for: .none).elements == [])
        #expect(try await chat.service.rooms(for: .all).elements.count == 7)
    }

    @Test func `who may not read every room sees those who are in a room with them`() async throws {
        let (alice, _) = try await open(principal("alice", ["dev", "team-*"]), in: dev)
        _ = try await open(principal("bob", nil), in: dev)
        _ = try await open(principal("carol", nil), in: secret)
        let (dave, _) = try await open(principal("dave", nil), in: try RoomName("team-1"))
        #expect(try await chat.service.users(for: alice).elements == ["alice", "bob"])
        try await chat.service.enter(try RoomName("team-1"), alice, stay: true)
        let page = try await chat.service.users(ListRange(limit: 2), for: alice)
        #expect(page == ListPage(elements: ["alice", "bob"], more: true, total: nil))
        let rest = try await chat.service.users(ListRange(after: "bob", limit: 2), for: alice)
        #expect(rest == ListPage(elements: ["dave"], more: false, total: nil))
        #expect(try await chat.service.users(for: dave).elements == ["alice", "bob", "carol", "dave"])
    }

    @Test func `a private message goes to somebody who may be seen, and nobody learns who else there is`() async throws
    {
        let (alice, _) = try await open(principal("alice", ["dev"]), in: dev)
        let (bob, _) = try await open(principal("bob", nil), in: secret)
        func write(to name: String) async throws -> String {
            let username = try Username(name)
            do throws(ChatError) {
                _ = try await chat.service.privateDrafts("hello", to: username, id: nil, from: alice)
                return "done"
            } catch {
                return error.code.rawValue + ": " + error.message.replacing(name, with: "NAME")
            }
        }
        #expect(try await write(to: "bob") == "no_such_user: there is no user NAME")
        #expect(try await write(to: "nobody") == "no_such_user: there is no user NAME")
        #expect(try await write(to: "alice") == "done")
        try await chat.service.enter(dev, bob, stay: true)
        #expect(try await write(to: "bob") == "done")
        // Neighbours in the list do not stand in for somebody.
        for name in ["bo", "boa", "boc", "bobb"] {
            #expect(try await write(to: name).hasPrefix("no_such_user"), "\(name)")
        }
        #expect(try await chat.service.privateDrafts("hello", to: alice.username, id: nil, from: bob).count == 2)
    }

    // MARK: Changes

    @Test func `rooms that may not be read any more are left at once, and nothing of them is shown after that`()
        async throws
    {
        let (alice, connection) = try await open(principal("alice", nil), in: dev)
        let (bob, _) = try await open(principal("bob", nil), in: dev)
        let (_, carol) = try await open(principal("carol", nil), in: secret)
        try await chat.service.enter(secret, bob, stay: true)
        for room in [dev, secret] {
            try await chat.service.enter(room, alice, stay: true)
            try await read(room, alice, connection)
        }
        try await chat.send("before", from: bob)
        _ = connection.shown()
        var stopped: [RoomName] = []
        let (left, members) = try await chat.service.setPrincipal(
            principal("alice", ["dev"]), of: alice,
            stopReading: { room in
                stopped.append(room)
                connection.stopLive(.room(room))
            })
        #expect(left == [secret] && members == nil && stopped == [secret])
        #expect(alice.rooms == [dev])
        try await chat.send("after", from: bob)
        #expect(connection.shown() == [])
        #expect(try await chat.service.users(in: secret).elements == ["bob", "carol"])
        #expect(carol.shown() == [])  // she reads nothing
        let code = await ChatError.code { try await chat.service.enter(secret, alice, stay: true) }
        #expect(code == .forbidden)
    }

    @Test func `who loses the last room is in global, or in none`() async throws {
        let (alice, _) = try await open(principal("alice", nil), in: dev)
        let (left, members) = try await chat.service.setPrincipal(principal("alice", ["global"]), of: alice)
        #expect(left == [dev] && members == 1 && alice.rooms == [.global])
        let (next, none) = try await chat.service.setPrincipal(principal("alice", ["dev"]), of: alice)
        #expect(next == [.global] && none == nil && alice.rooms == [])
        #expect(try await chat.service.rooms().elements == [])
    }

    @Test func `permissions that grow count at once`() async throws {
        let (alice, _) = try await open(principal("alice", ["dev"], ["news"]), in: news)
        _ = try await chat.service.setPrincipal(principal("alice", nil), of: alice)
        #expect(alice.rooms == [news])
        _ = try chat.service.draft("hello", in: news, id: nil, from: alice)
        try await chat.service.enter(secret, alice, stay: true)
    }

    @Test func `a change that cannot be made changes nothing`() async throws {
        let (alice, _) = try await open(principal("alice", nil), in: dev)
        let before = alice.principal
        chat.ports.takeDown(.move)
        let code = await ChatError.code {
            try await chat.service.setPrincipal(principal("alice", ["news"]), of: alice)
        }
        #expect(code == .unavailable)
        #expect(alice.principal == before && alice.rooms == [dev])
    }

    @Test func `who comes back with fewer permissions is out of the rooms that these do not have`() async throws {
        let (first, _) = try await open(principal("alice", nil), in: dev)
        try await chat.service.enter(secret, first, stay: true)
        let (second, _) = try await open(principal("alice", ["dev"]), in: dev, presenting: first.secret)
        #expect(second.rooms == [dev])
        #expect(try await chat.service.users(in: secret).elements == [])
        let (third, _) = try await open(principal("alice", []), presenting: second.secret)
        #expect(third.rooms == [])
        let (fourth, _) = try await open(principal("alice", ["*"]), presenting: third.secret)
        #expect(fourth.rooms == [.global])
    }
}
