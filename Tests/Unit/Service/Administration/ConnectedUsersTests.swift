import Domain
import Testing

@testable import Service

struct ConnectedUsersTests {
    private static func session(_ instance: String = "a", since: Int64 = 0, rooms: [String] = []) -> ConnectedSession {
        ConnectedSession(
            instance: instance, address: "127.0.0.1", dialect: "classic", rooms: rooms,
            since: Timestamp(millisecondsSince1970: since), isAway: false)
    }

    private static func part(_ names: [String], more: Bool = false, on instance: String = "a") -> ConnectedUsers {
        ConnectedUsers(
            users: names.map { ConnectedUser(username: $0, sessions: [session(instance)]) }, more: more)
    }

    private static func names(_ page: ConnectedUsers) -> [String] { page.users.map(\.username) }

    @Test func `an instance lists its users by the bytes of their names, and each once`() {
        let all = ["b", "Z", "é", "a", "b"].enumerated().map { ($1, Self.session(since: Int64(-$0))) }
        let page = ConnectedUsers(of: all, after: nil, limit: 10)
        #expect(Self.names(page) == ["Z", "a", "b", "é"])
        #expect(page.users[2].sessions.map(\.since.millisecondsSince1970) == [-4, 0])
        #expect(!page.more)
    }

    @Test func `a part begins behind a name, which need be nobody's, and says whether there is more`() {
        let all = ["a", "b", "c"].map { ($0, Self.session()) }
        let page = ConnectedUsers(of: all, after: "aa", limit: 1)
        #expect(Self.names(page) == ["b"] && page.more)
        #expect(!ConnectedUsers(of: all, after: "b", limit: 1).more)
    }

    @Test func `a part is bounded in bytes, and one user is always in it`() {
        let rooms = (0..<100).map { "\($0)" + String(repeating: "x", count: 60) }
        let all = (0..<200).map { ("u\(1000 + $0)", Self.session(rooms: rooms)) }
        let page = ConnectedUsers(of: all, after: nil, limit: 1000)
        #expect((1..<200).contains(page.users.count) && page.more)
        let many = (0..<1000).map { _ in ("a", Self.session(rooms: rooms)) }
        #expect(ConnectedUsers(of: many, after: nil, limit: 10).users.map(\.sessions.count) == [100])
    }

    @Test func `parts are joined in order, and a user's sessions are one list`() {
        let page = ConnectedUsers(
            joining: [Self.part(["a", "c"]), Self.part(["b", "c"], on: "b"), Self.part([], on: "c")], limit: 10)
        #expect(Self.names(page) == ["a", "b", "c"] && !page.more)
        #expect(Set(page.users[2].sessions.map(\.instance)) == ["a", "b"])
    }

    @Test(
        arguments: [
            ([["a", "d"]], [true], 10, ["a", "d"], true),
            // Of the first instance nothing is known behind b: what the other has behind it waits for the next part.
            ([["a", "b"], ["c", "d"]], [true, false], 10, ["a", "b"], true),
            ([["a", "d"], ["b", "c"]], [true, true], 10, ["a", "b", "c"], true),
            ([["a", "c"], ["b"]], [false, false], 2, ["a", "b"], true),
            ([["a", "c"], ["b"]], [false, false], 3, ["a", "b", "c"], false),
        ] as [([[String]], [Bool], Int, [String], Bool)])
    func `a joined part ends where one instance is not known any further`(
        parts: [[String]], more: [Bool], limit: Int, expected: [String], isMore: Bool
    ) {
        let page = ConnectedUsers(joining: zip(parts, more).map { Self.part($0, more: $1) }, limit: limit)
        #expect(Self.names(page) == expected)
        #expect(page.more == isMore)
    }
}
