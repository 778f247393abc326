import Domain
import Service
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    /// What an instance leaves to the others: sessions that wait for their clients, and what earlier versions have written.
    @Suite("What an instance leaves behind", .serialized)
    struct PresenceShutdownTests {
        private let alice: Username
        private let secret = SessionSecret.random()
        private let first = SessionID("first")

        init() throws { alice = try Username("alice") }

        @Test func `a session that its stopped instance still had waits for its client`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { survivor in
                    try await PresenceInstance.with(redis.url, grace: .seconds(60)) { stopping in
                        try await stopping.store.enter(alice, as: first, secret: secret)
                        await stopping.shutDown()
                        let error = await #expect(throws: ChatError.self) {
                            try await survivor.store.enter(alice, presenting: .random())
                        }
                        #expect(error?.code == .usernameTaken)
                        let claimed = try await survivor.store.enter(alice, presenting: secret)
                        #expect(claimed.predecessor == first)
                        #expect(claimed.rooms.map(\.name) == [.global])
                        #expect(survivor.observer.departed == [])
                    }
                }
            }
        }

        @Test func `after the grace it is reaped, and its rooms hear who is left`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { survivor in
                    try await PresenceInstance.with(redis.url, grace: .milliseconds(100)) { stopping in
                        let dev = try RoomName("dev")
                        _ = try await survivor.claim("kept")
                        try await stopping.store.enter(alice, as: first, secret: secret)
                        try await stopping.store.move(first, leaving: [], entering: dev)
                        _ = try await stopping.claim("bob")
                        await stopping.shutDown()
                        try await eventuallyPresent("all are announced") { survivor.observer.departed.count == 3 }
                        #expect(survivor.observer.departures == ["alice@dev", "alice@global", "bob@global"])
                        let members = survivor.observer.departed.map { "\($0.room): \($0.members ?? -1)" }
                        #expect(members.sorted() == ["dev: 0", "global: 1", "global: 2"])
                        let claimed = try await survivor.store.enter(alice, presenting: secret)
                        #expect(claimed.predecessor == nil)
                    }
                }
            }
        }

        @Test func `an instance that has nothing any more takes its lease with it`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { survivor in
                    try await PresenceInstance.withQuiet(redis) { stopping in
                        let leases = try await redis.leases().count
                        try await stopping.store.enter(alice, as: first, secret: secret)
                        try await survivor.store.enter(alice, presenting: secret)
                        await stopping.shutDown()
                        #expect(try await redis.leases().count == leases - 1)
                        #expect(try await redis.keys().allSatisfy { !$0.hasPrefix("lease:succeeded:") })
                        #expect(try await survivor.store.names() == ["alice"])
                    }
                }
            }
        }

        /// A cluster is updated one instance after the other.
        @Test func `sessions and notices of an earlier version are understood`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { survivor in
                    for (key, value) in [("active_users", "old"), ("all_rooms", "dev"), ("room:dev", "old")] {
                        try await redis.command("SADD", key, value)
                    }
                    try await redis.command("ZADD", "lease:instances", "99999999999999", "earlier")
                    try await redis.command("HSET", "lease:owners", "old", "earlier")
                    try await redis.command("HSET", "lease:sessions:earlier", "old", "session dev")
                    try await redis.command("HSET", "lease:notices", "id", "left 1000 older dev")
                    let error = await #expect(throws: ChatError.self) {
                        try await survivor.store.enter(try Username("old"), presenting: secret)
                    }
                    #expect(error?.code == .usernameTaken)
                    try await redis.command("ZADD", "lease:instances", "1", "earlier")
                    try await eventuallyPresent("both are announced") {
                        survivor.observer.departures == ["old@dev", "older@dev"]
                    }
                    #expect(survivor.observer.departed.map(\.members).sorted { $0 ?? -1 < $1 ?? -1 } == [nil, 0])
                    #expect(try await redis.members("active_users") == [])
                    #expect(try await redis.members("all_rooms") == [])
                }
            }
        }
    }
}
