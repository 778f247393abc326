import Domain
import Service
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    /// The sets say what is true; the indexes only put it in order.
    @Suite("Lists of the Redis presence store", .serialized)
    struct PresenceListTests {
        private let dev: RoomName

        init() throws { dev = try RoomName("dev") }

        private func with(_ body: (PresenceRedis, PresenceInstance) async throws -> Void) async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { try await body(redis, $0) }
            }
        }

        private func expectIndexes(
            _ redis: PresenceRedis, users: [String], rooms: [String: [String]],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            func index(_ name: String) async throws -> [String] {
                try await redis.command("ZRANGE", "lease:index:\(name)", "0", "-1").texts()
            }
            #expect(try await index("users") == users, sourceLocation: sourceLocation)
            #expect(try await index("rooms") == rooms.keys.sorted(), sourceLocation: sourceLocation)
            for (room, members) in rooms {
                #expect(try await index("room:\(room)") == members, sourceLocation: sourceLocation)
            }
            let keys = try await redis.keys().filter { $0.hasPrefix("lease:index:room:") }
            #expect(keys == rooms.keys.map { "lease:index:room:\($0)" }.sorted(), sourceLocation: sourceLocation)
        }

        @Test func `the indexes follow the sets from the first claim to the last release`() async throws {
            try await with { redis, instance in
                let alice = try await instance.claim("alice")
                let bob = try await instance.claim("bob", "dev")
                try await expectIndexes(
                    redis, users: ["alice", "bob"], rooms: ["global": ["alice"], "dev": ["bob"]])
                try await instance.store.move(alice, leaving: [.global], entering: dev)
                try await expectIndexes(redis, users: ["alice", "bob"], rooms: ["dev": ["alice", "bob"]])
                await instance.store.release(bob)
                try await expectIndexes(redis, users: ["alice"], rooms: ["dev": ["alice"]])
                await instance.store.release(alice)
                try await expectIndexes(redis, users: [], rooms: [:])
            }
        }

        @Test func `what is restored after FLUSHALL is in the indexes, and what is reaped is not`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { survivor in
                    _ = try await survivor.claim("alice", "dev")
                    try await PresenceInstance.with(redis.url) { instance in
                        _ = try await instance.claim("bob", "dev")
                        try await redis.command("FLUSHALL")
                        try await eventuallyPresent("both to be back") {
                            try await redis.members("room:dev") == ["alice", "bob"]
                        }
                        try await expectIndexes(redis, users: ["alice", "bob"], rooms: ["dev": ["alice", "bob"]])
                    }
                    try await eventuallyPresent("the dead one's user to be gone") {
                        try await redis.members("active_users") == ["alice"]
                    }
                    try await expectIndexes(redis, users: ["alice"], rooms: ["dev": ["alice"]])
                }
            }
        }

        @Test func `what another server does to the sets is in the lists`() async throws {
            try await with { redis, instance in
                _ = try await instance.claim("bob", "dev")
                try await redis.command("SADD", "active_users", "gopher", "Zed")
                try await redis.command("SADD", "room:dev", "gopher")
                try await redis.command("SADD", "room:burrow", "Zed")
                try await redis.command("SADD", "all_rooms", "burrow")
                #expect(try await instance.store.names() == ["Zed", "bob", "gopher"])
                #expect(try await instance.store.names(in: dev) == ["bob", "gopher"])
                #expect(try await instance.store.roomLines() == ["burrow: 1", "dev: 2"])
                try await redis.command("SREM", "active_users", "gopher", "Zed")
                try await redis.command("SREM", "room:dev", "gopher")
                try await redis.command("SREM", "all_rooms", "burrow")
                #expect(try await instance.store.names() == ["bob"])
                #expect(try await instance.store.names(in: dev) == ["bob"])
                #expect(try await instance.store.roomLines() == ["dev: 1"])
                // What was made for others' sake does not stay for ever.
                let ttl = try await redis.command("TTL", "lease:index:room:dev").number()
                #expect((1...86_400).contains(ttl))
            }
        }

        @Test func `a name that went while another came is not listed, though the sizes agree`() async throws {
            try await with { redis, instance in
                for name in ["alice", "bob", "carol"] { _ = try await instance.claim(name, "dev") }
                for set in ["active_users", "room:dev"] {
                    try await redis.command("SREM", set, "bob")
                    try await redis.command("SADD", set, "dave")
                }
                #expect(try await instance.store.names() == ["alice", "carol", "dave"])
                #expect(try await instance.store.names(in: dev) == ["alice", "carol", "dave"])
            }
        }

        @Test func `empty rooms that another server left behind go, and a part is full all the same`() async throws {
            try await with { redis, instance in
                for room in ["a", "c", "e"] { _ = try await instance.claim("user-\(room)", room) }
                for room in ["b", "b2", "b3", "d"] { try await redis.command("SADD", "all_rooms", room) }
                try await redis.command("SET", "room:f", "somebody else's")
                try await redis.command("SADD", "all_rooms", "f")
                let first = try await instance.store.rooms(ListRange(limit: 2))
                #expect(first.elements.map(\.name) == ["a", "c"])
                #expect(first.more)
                let rest = try await instance.store.rooms(ListRange(after: "c", limit: 2))
                #expect(rest.elements.map(\.name) == ["e"])
                #expect(!rest.more)
                #expect(try await redis.members("all_rooms") == ["a", "c", "e", "f"])
            }
        }

        @Test func `keys of another type under the indexes' names hurt nobody, and the lists mend them`() async throws {
            try await with { redis, instance in
                for name in ["users", "rooms", "room:dev"] {
                    try await redis.command("SET", "lease:index:\(name)", "somebody else's")
                }
                let alice = try await instance.claim("alice", "dev")
                _ = try await instance.claim("bob", "dev")
                #expect(try await redis.members("room:dev") == ["alice", "bob"])
                #expect(try await instance.store.names() == ["alice", "bob"])
                #expect(try await instance.store.names(in: dev) == ["alice", "bob"])
                #expect(try await instance.store.roomLines() == ["dev: 2"])
                await instance.store.release(alice)
                try await expectIndexes(redis, users: ["bob"], rooms: ["dev": ["bob"]])
            }
        }

        @Test(arguments: ["own", "others'"])
        func `a hundred thousand users and ten thousand rooms are read in parts`(_ servers: String) async throws {
            try await with { redis, instance in
                try await redis.fill(users: 100_000, rooms: 10_000, indexed: servers == "own")
                let truth = (0..<100_000).map { "user-\($0)" }.sorted()
                var users: [String] = []
                var page: ListPage<String>
                repeat {
                    page = try await instance.store.users(in: nil, ListRange(after: users.last))
                    #expect(page.total == 100_000)
                    users += page.elements
                } while page.more && !page.elements.isEmpty
                #expect(users == truth)
                var rooms: [RoomSummary] = []
                var roomPage: ListPage<RoomSummary>
                repeat {
                    roomPage = try await instance.store.rooms(ListRange(after: rooms.last?.name))
                    #expect(roomPage.total == 10_000)
                    rooms += roomPage.elements
                } while roomPage.more && !roomPage.elements.isEmpty
                #expect(rooms.map(\.name) == (0..<10_000).map { "room-\($0)" }.sorted())
                #expect(rooms.allSatisfy { $0.members == 10 })
            }
        }
    }
}

extension PresenceRedis {
    /// Users `user-0`… and rooms `room-0`…, each user in one room; with the indexes, as our scripts would leave it, or
    /// without, as an original server would.
    func fill(users: Int, rooms: Int, indexed: Bool) async throws {
        let body = """
            local indexed = ARGV[3] == 'yes'
            for i = 0, ARGV[1] - 1 do
              local user, room = 'user-' .. i, 'room-' .. i % ARGV[2]
              redis.call('SADD', 'active_users', user)
              redis.call('SADD', 'room:' .. room, user)
              redis.call('SADD', 'all_rooms', room)
              if indexed then
                redis.call('ZADD', 'lease:index:users', 0, user)
                redis.call('ZADD', 'lease:index:room:' .. room, 0, user)
                redis.call('ZADD', 'lease:index:rooms', 0, room)
              end
            end
            """
        try await command("EVAL", body, "0", "\(users)", "\(rooms)", indexed ? "yes" : "no")
    }
}
