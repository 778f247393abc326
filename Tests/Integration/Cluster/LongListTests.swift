import Foundation
import Testing
import Wire

extension Integration {
    /// More users and rooms than one answer holds, with names as long as they may be. They are written by hand into the
    /// sets that an original server would write to.
    @Suite("Long lists", .serialized, .cluster(instances: 2))
    struct LongLists {
        private static let count = 1500

        /// So many names of `length` scalars of four bytes each, sorted.
        private static func names(_ length: Int) -> [String] {
            let digits = (0..<10).compactMap { Unicode.Scalar(0x1D7CE + $0) }.map(Character.init)
            return (0..<count).map { number in
                let tail = String(
                    String(10_000 + number).dropFirst().compactMap { $0.wholeNumberValue.map { digits[$0] } })
                return String(repeating: "\u{20000}", count: length - 4) + tail
            }
        }

        private static let users = names(32)
        private static let rooms = names(64)

        private func withCrowd(_ body: (Cluster) async throws -> Void) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let peer = try await RedisPeer.connect(port: try #require(cluster.backing).redis.port)
            for start in stride(from: 0, to: Self.count, by: 500) {
                try await peer.add(Self.users[start..<start + 500], to: "active_users")
                try await peer.add(Self.users[start..<start + 500], to: "room:crowd")
                try await peer.add(Self.rooms[start..<start + 500], to: "all_rooms")
            }
            try await peer.add(["crowd"], to: "all_rooms")
            for (user, room) in zip(Self.users, Self.rooms) { try await peer.add([user], to: "room:\(room)") }
            try await body(cluster)
            for room in Self.rooms { try await peer.command("DEL", "room:\(room)") }
            try await peer.command("DEL", "active_users", "room:crowd", "all_rooms")
            await peer.close()
        }

        private func notice(_ prefix: String, to client: WebSocketClient) async throws -> String? {
            try await client.texts.first("\(client.name) to get “\(prefix) …”") {
                $0.notice?.hasPrefix(prefix) == true
            }.notice
        }

        @Test("Every kind of client gets a part of the longest names whole, and those that can go on read all of it")
        func longest() async throws {
            try await withCrowd { cluster in
                let shown = { (names: [String]) in names.prefix(1000).joined(separator: ", ") }
                let alice = try await cluster[0].enter("alice")
                let all = ["alice"] + Self.users
                alice.listUsers()
                #expect(
                    try await notice("Active users:", to: alice) == "Active users: \(shown(all)) and 501 more")
                alice.listUsers("crowd")
                #expect(
                    try await notice("Users in crowd:", to: alice)
                        == "Users in crowd: \(shown(Self.users)) and 500 more")
                alice.listRooms()
                let rooms = ["crowd", "global"] + Self.rooms
                #expect(
                    try await notice("Available rooms:", to: alice) == "Available rooms: \(shown(rooms)) and 502 more")

                for instance in cluster.instances {
                    let first = try await instance.get("/rooms")
                    let second = try await instance.get(
                        String(try #require(first["link"]).dropFirst().prefix { $0 != ">" }))
                    #expect(second["link"] == nil)
                    let listed = try [first, second].flatMap {
                        try JSONDecoder().decode([RoomListing].self, from: Data($0.body.utf8))
                    }
                    #expect(listed.map(\.name) == rooms)
                }
                try await alice.close()

                let carol = try TerminalClient.inPipe("carol", port: cluster[1].port)
                try await carol.shows("carol joined the room global")
                carol.enter("/users crowd")
                try await carol.shows(
                    "\(Self.users[999]) … and 500 more (/users crowd after \(Self.users[999]) for the next)")
                carol.enter("/users crowd after \(Self.users[999])")
                try await carol.shows("Users in crowd: \(Self.users[1000])")
                carol.enter("/rooms")
                try await carol.shows("… and 502 more (/rooms after \(rooms[999]) for the next)")
                carol.enter("/rooms after \(rooms[999])")
                try await carol.shows("Available rooms: \(rooms[1000])")
                carol.enter("/quit")
                #expect(try await carol.exit() == .exited(0))

                let bob = try await cluster[1].v2("bob")
                #expect(try await bob.allUsers() == ["bob"] + Self.users)
                #expect(try await bob.allUsers(in: "crowd") == Self.users)
                _ = try await bob.close()
            }
        }
    }
}

extension RedisPeer {
    fileprivate func add(_ members: some Sequence<String>, to set: String) async throws {
        try await command(["SADD", set] + members)
    }
}

extension V2Client {
    /// All parts of a list, one after the other.
    fileprivate func allUsers(in room: String? = nil) async throws -> [String] {
        var found: [String] = []
        while true {
            let ref = send(.listUsers(room: room, V2ListRange(after: found.last)))
            let frame = try await first("users") { $0.ref == ref }
            guard case .userList(_, let users, let more, _) = frame.event else { throw Unexpected("\(frame)") }
            found += users
            if !more { return found }
        }
    }
}
