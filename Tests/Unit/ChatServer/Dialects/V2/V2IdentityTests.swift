import Domain
import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import ChatServer
@testable import Service
@testable import SteppedService

/// Tokens on a connection: another one is shown, one expires, one is taken back.
struct V2IdentityTests {
    private let authenticator = FakeAuthenticator()
    private let edge: EmbeddedEdge

    init() throws {
        let authenticator = authenticator
        edge = EmbeddedEdge { Identification(authenticator: authenticator, now: $0) }
        for minutes in 1...3 {
            authenticator.give(
                "\(minutes)", to: try .holder("alice", tokenID: "\(minutes)", expires: Self.minute(minutes)))
        }
        authenticator.give("ever", to: try .holder("alice", role: .moderator))
        authenticator.give("few", to: try .holder("alice", rooms: ["dev", "team-*"], reading: ["news"]))
        authenticator.give("none", to: try .holder("alice", rooms: ["elsewhere"]))
        authenticator.give("all-but-dev", to: try .holder("alice", rooms: ["global", "x"]))
        authenticator.give("bob", to: try .holder("bob"))
    }

    private static func minute(_ number: Int) -> Timestamp {
        Timestamp(millisecondsSince1970: SteppedChat.now.millisecondsSince1970 + Int64(number) * 60_000)
    }

    private func connect(_ token: String, offering: [String] = ["chat.v2"]) throws -> EmbeddedClient {
        let client = try edge.connect("token=\(token)", offering: offering)
        edge.turn()
        _ = try client.frames()
        return client
    }

    private func pass(_ time: TimeAmount) {
        edge.chat.pass(Duration(time))
        edge.eventLoop.advanceTime(by: time)
        edge.turn()
    }

    private func words(_ client: EmbeddedClient) throws -> [String] {
        edge.turn()
        return try client.frames().filter { $0 != .ping }.map(\.words)
    }

    private func answer(_ client: EmbeddedClient, to token: String) throws -> [String] {
        try client.ask(.authenticate(token: token), ref: "a")
        return try words(client)
    }

    @Test func `a client that shows another token is told what it may do`() throws {
        let client = try connect("1")
        try client.ask(.authenticate(token: "ever"), ref: "1")
        try client.ask(.authenticate(token: "2"), ref: "2")
        try client.ask(.authenticate(token: "few"), ref: "3")
        edge.turn()
        #expect(
            try client.v2().prefix(3) == [
                V2Frame(.authenticated(V2Authenticated(expiresAt: nil, role: "moderator")), ref: "1"),
                V2Frame(
                    .authenticated(V2Authenticated(expiresAt: Self.minute(2).rfc3339Text, role: "user")), ref: "2"),
                V2Frame(
                    .authenticated(
                        V2Authenticated(expiresAt: nil, role: "user", rooms: ["dev", "team-*"], readRooms: ["news"])),
                    ref: "3"),
            ])
    }

    @Test(arguments: [("bad", "a:error invalid_token"), ("bob", "a:error forbidden")])
    func `a bad token is refused, and so is another user's; the one before still counts`(
        token: String, words: String
    ) throws {
        let client = try connect("1")
        #expect(try answer(client, to: token) == [words])
        pass(.seconds(64))
        #expect(try self.words(client) == [])
        pass(.seconds(1))
        #expect(try self.words(client) == ["error token_expired"])
    }

    @Test func `when a token has expired its client is told, and ten seconds later the connection ends`() throws {
        let client = try connect("1")
        pass(.seconds(64))
        #expect(try words(client) == [])
        pass(.seconds(1))
        #expect(try words(client) == ["error token_expired"])
        pass(.seconds(9))
        #expect(try words(client) == [])
        pass(.seconds(1))
        #expect(try words(client) == ["close 4002"])
    }

    @Test func `another token in time keeps the connection, until that expires`() throws {
        let client = try connect("1")
        pass(.seconds(70))
        #expect(try words(client) == ["error token_expired"])
        #expect(try answer(client, to: "2").count == 1)
        pass(.seconds(54))
        #expect(try words(client) == [])
        pass(.seconds(1))
        #expect(try words(client) == ["error token_expired"])
        #expect(try answer(client, to: "ever").count == 1)
        for _ in 0..<10 { pass(.seconds(50)) }
        #expect(try words(client) == [])
    }

    @Test func `a classic connection ends with its token`() throws {
        let client = try connect("1", offering: [])
        pass(.seconds(64))
        #expect(try words(client) == [])
        pass(.seconds(1))
        #expect(try words(client) == ["close 4002"])
    }

    @Test func `what may not be read any more ends before the reply, and nothing of it follows`() throws {
        let client = try connect("ever")
        for room in ["global", "dev"] { try client.ask(.joinRoom(V2Join(room: room, history: 0, stay: true))) }
        _ = try words(client)
        try client.ask(.authenticate(token: "all-but-dev"), ref: "a")
        for number in 1...20 {
            edge.chat.store("\(number)", in: try RoomName("dev"))
            _ = edge.chat.executor.step()
            edge.eventLoop.run()
        }
        let frames = try words(client)
        let reply = try #require(frames.firstIndex { $0.hasPrefix("a:authenticated") })
        #expect(!frames[reply...].contains { $0.contains("zoe") })
        edge.chat.store("21", in: try RoomName("dev"))
        edge.chat.store("hello")
        #expect(try words(client).map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == ["zoe: hello"])
        #expect(try users(in: "dev") == [])
    }

    /// Those in a room, as somebody else sees them who is in `global`.
    private func users(in room: String) throws -> [String] {
        let watcher = try connect("bob")
        try watcher.ask(.listUsers(room: room), ref: "w")
        edge.turn()
        let answer = try watcher.v2().first { $0.ref == "w" }
        guard case .userList(_, let users, _, _)? = answer?.event else { return ["no answer"] }
        return users
    }

    @Test func `who may read none of their rooms any more is in none`() throws {
        let client = try connect("ever")
        #expect(try answer(client, to: "none").first?.hasPrefix("a:authenticated") == true)
        #expect(try users(in: "global") == ["bob"])
    }

    @Test func `whose rooms are all closed but global is put there`() throws {
        let client = try connect("ever")
        try client.ask(.joinRoom(V2Join(room: "dev", history: 0)))
        _ = try words(client)
        #expect(
            try answer(client, to: "all-but-dev").dropFirst() == ["joined global 1 last 0", "history global []"])
    }

    @Test(arguments: [["chat.v2"], []])
    func `a token that is taken back ends its connections, and no others`(offering: [String]) throws {
        let client = try connect("2", offering: offering)
        let other = try connect("bob")
        _ = try words(client)
        edge.chat.service.expel(.tokenRevoked) { $0.principal.tokenID == "1" }
        #expect(try words(client) == [])
        edge.chat.service.expel(.tokenRevoked) { $0.principal.tokenID == "2" }
        #expect(try words(client) == ["close 4002"])
        #expect(try words(other).allSatisfy { !$0.hasPrefix("close") })
    }

    @Test func `a session that has ended is not told of its token`() throws {
        let client = try connect("1")
        client.connection.beginClosing(.tooSlow)
        #expect(try words(client) == ["close 1013"])
        pass(.seconds(80))
        #expect(try words(client) == [])
    }
}
