import Domain
import InfrastructurePresence
import Service
import Synchronization
import Testing

@testable import InfrastructureObservability
@testable import InfrastructureRedis

extension Integration {
    /// Single keys are deleted, evicted or replaced by another type, while Redis and the leases live on.
    @Suite("Presence that Redis loses in part", .serialized)
    struct PresenceRepairTests {
        /// Of each kind one; `LEASE` stands for the first instance's.
        private static let keys = [
            "active_users", "all_rooms", "room:dev", "lease:instances", "lease:owners", "lease:sessions:LEASE",
            "lease:index:users", "lease:index:rooms", "lease:index:room:dev",
        ]

        /// Two instances with alice and bob in `dev`, and bob in `global` as well.
        private func withTwo(
            _ body: (PresenceRedis, PresenceInstance, PresenceInstance, PrometheusRegistry, LogLines) async throws ->
                Void
        ) async throws {
            let registry = PrometheusRegistry()
            let lines = LogLines()
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, metrics: registry, logger: lines.logger) { first in
                    try await PresenceInstance.with(redis.url, metrics: registry, logger: lines.logger) { second in
                        _ = try await first.claim("alice", "dev")
                        let bob = try await second.claim("bob", "dev")
                        try await second.store.move(bob, leaving: [], entering: .global)
                        #expect(lines.all == [])
                        try await body(redis, first, second, registry, lines)
                        for instance in [first, second] { #expect(instance.observer.departed == []) }
                    }
                }
            }
        }

        private func expectAllThere(
            _ redis: PresenceRedis, _ instance: PresenceInstance, location: SourceLocation = #_sourceLocation
        ) async throws {
            try await eventuallyPresent("everything to be there again", sourceLocation: location) {
                guard instance.store.isReachable, try await redis.command("TYPE", "lease:owners") == .status("hash")
                else { return false }
                let names = try? await instance.store.names()
                let members = try? await instance.store.names(in: RoomName("dev"))
                let rooms = try? await instance.store.roomLines()
                let owners = try await redis.command("HKEYS", "lease:owners").texts().sorted()
                return names == ["alice", "bob"] && members == ["alice", "bob"] && owners == ["alice", "bob"]
                    && rooms == ["dev: 2", "global: 1"]
            }
        }

        private func repairs(_ registry: PrometheusRegistry) -> Int {
            let line = registry.render().split(separator: "\n").first { $0.hasPrefix("chat_redis_repairs_total ") }
            return line.flatMap { Int($0.split(separator: " ")[1]) } ?? -1
        }

        private func key(_ name: String, _ redis: PresenceRedis, of instance: PresenceInstance) throws -> String {
            let lease = try #require(instance.store.state.withLock { $0.ledger.lease })
            return name.replacing("LEASE", with: lease)
        }

        @Test(arguments: keys)
        func `a key that is deleted is written again by all who have something in it`(name: String) async throws {
            try await withTwo { redis, first, second, registry, lines in
                try await redis.command("DEL", try key(name, redis, of: first))
                try await expectAllThere(redis, second)
                // Indexes are made anew by whoever reads a list, and without its lease an instance settles anew.
                if ["active_users", "all_rooms", "room:dev", "lease:owners"].contains(name) {
                    // The list of rooms can be written again by one for both.
                    let least = name == "all_rooms" ? 1 : 2
                    try await eventuallyPresent("it to be said") { lines.all.count >= least }
                    let count = lines.all.count
                    #expect(count <= 2 && repairs(registry) >= count)
                    #expect(lines.all.allSatisfy { $0 == "presence was lost from Redis and written again: " })
                }
                #expect(first.observer.lost == [] && second.observer.lost == [])
                // And the name is still its owner's.
                let taken = await #expect(throws: ChatError.self) { try await second.claim("alice") }
                #expect(taken?.code == .usernameTaken)
            }
        }

        @Test(arguments: keys + ["lease:notices", "lease:ended", "lease:pulse", "lease:succeeded:LEASE"])
        func `a key that was replaced by one of another type gives way`(name: String) async throws {
            try await withTwo { redis, first, second, registry, lines in
                let key = try key(name, redis, of: first)
                try await redis.command(
                    "EVAL", "redis.call('DEL', KEYS[1]) redis.call('RPUSH', KEYS[1], 'x')", "1", key)
                if !name.hasPrefix("lease:index:") {
                    try await eventuallyPresent("it to be replaced") {
                        try await redis.command("TYPE", key) != .status("list")
                    }
                    try await eventuallyPresent("it to be said") {
                        lines.all.contains { $0.hasPrefix("keys of another type stood in place of the server's") }
                    }
                    #expect(repairs(registry) > 0)
                }
                try await expectAllThere(redis, first)
                try await expectAllThere(redis, second)
                #expect(first.observer.lost == [] && second.observer.lost == [])
                // Nothing fails from now on.
                let carol = try await first.claim("carol", "dev")
                try await first.store.move(carol, leaving: [try RoomName("dev")], entering: .global)
                await first.store.release(carol)
                try await expectAllThere(redis, second)
            }
        }

        @Test func `single members that were taken out are put back`() async throws {
            try await withTwo { redis, first, _, _, _ in
                try await redis.command("SREM", "active_users", "alice")
                try await redis.command("SREM", "room:dev", "bob")
                try await redis.command("HDEL", "lease:owners", "bob")
                try await expectAllThere(redis, first)
            }
        }

        @Test func `a name whose owner was forgotten is not given to a stranger`() async throws {
            try await withTwo { redis, first, second, _, _ in
                try await redis.command("DEL", "lease:owners", "active_users")
                try await expectAllThere(redis, first)
                let taken = await #expect(throws: ChatError.self) { try await second.claim("alice") }
                #expect(taken?.code == .usernameTaken)
            }
        }

        @Test func `the users of a dead instance go in time, though nobody's lease is known any more`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, grace: .milliseconds(600)) { survivor in
                    try await PresenceInstance.with(redis.url, grace: .milliseconds(600)) { dead in
                        _ = try await survivor.claim("alice")
                        _ = try await dead.claim("bob")
                        await dead.kill()
                        try await redis.command("DEL", "lease:instances")
                        try await eventuallyPresent("bob to be taken out") {
                            survivor.observer.departures == ["bob@global"]
                        }
                        #expect(try await survivor.store.names() == ["alice"])
                        #expect(survivor.observer.lost == [])
                    }
                }
            }
        }

        @Test func `marks that should have ended by themselves do not keep newcomers out`() async throws {
            try await withTwo { redis, first, _, _, _ in
                try await redis.command("SET", "lease:recovery", "for ever")
                try await redis.command("SET", "lease:reprieve", "for ever")
                let carol = try await first.claim("carol")
                await first.store.release(carol)
            }
        }

        @Test func `where nothing is lost nothing is written again, whatever the sessions do`() async throws {
            try await withTwo { redis, first, second, registry, lines in
                // Many beats' worth of comings, moves, successions and goings.
                for number in 0..<200 {
                    let instance = number.isMultiple(of: 2) ? first : second
                    let secret = SessionSecret.random()
                    let name = try Username("user\(number)")
                    let session = SessionID.random()
                    try await instance.store.enter(name, as: session, in: try RoomName("room\(number)"), secret: secret)
                    try await instance.store.move(session, leaving: [], entering: try RoomName("dev"))
                    let next = SessionID.random()
                    try await first.store.enter(name, as: next, secret: .random(), presenting: secret)
                    await instance.store.release(session)
                    await first.store.release(next)
                }
                try await expectAllThere(redis, first)
                #expect(repairs(registry) == 0 && lines.all == [])
            }
        }
    }
}
