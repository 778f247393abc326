import InfrastructurePresence
import Synchronization
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    @Suite("A Redis that evicts", .serialized)
    struct RedisEvictionTests {
        private static let warning =
            "Redis evicts keys when its memory is full; set its maxmemory-policy to noeviction: "

        @Test(arguments: ["noeviction", "allkeys-lru", "volatile-ttl"])
        func `it is said once whether it does`(policy: String) async throws {
            let lines = LogLines()
            try await RedisProcess.with(["maxmemory-policy \(policy)"]) { redis in
                let url = "redis://127.0.0.1:\(redis.port)"
                try await PresenceInstance.with(url, logger: lines.logger) { instance in
                    #expect(instance.store.evictsKeys == (policy != "noeviction"))
                    // It settles anew, and does not say it again.
                    let lease = instance.store.state.withLock { $0.ledger.lease }
                    try await redis.command("FLUSHALL")
                    try await eventually("another lease") {
                        instance.store.isReachable && instance.store.state.withLock { $0.ledger.lease } != lease
                    }
                    #expect(lines.all == (policy == "noeviction" ? [] : [Self.warning]))
                    #expect(instance.store.evictsKeys == (policy != "noeviction"))
                }
            }
        }

        @Test func `one that may not be asked is used, and nobody complains`() async throws {
            let lines = LogLines()
            try await RedisProcess.with(["maxmemory-policy allkeys-lru"]) { redis in
                try await redis.command("ACL", "SETUSER", "default", "-info")
                let url = "redis://127.0.0.1:\(redis.port)"
                try await PresenceInstance.with(url, logger: lines.logger) { instance in
                    _ = try await instance.claim("alice")
                    #expect(!instance.store.evictsKeys && lines.all == [])
                }
            }
        }
    }
}
