import Domain
import Foundation
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    @Suite("A Redis that takes no writes", .serialized)
    struct RedisRefusalTests {
        /// Makes a Redis refuse, sees that clients are told so and the operator once, and that all is well afterwards.
        private func expectRecovery(
            logging expected: [String], from refuse: (RedisProcess) async throws -> Void,
            by mend: (RedisProcess) async throws -> Void
        ) async throws {
            let lines = LogLines()
            try await RedisProcess.with { redis in
                let url = "redis://127.0.0.1:\(redis.port)"
                try await PresenceInstance.with(url, timeout: .milliseconds(300), logger: lines.logger) { instance in
                    let alice = try await instance.claim("alice", "dev")
                    let bob = try await instance.claim("bob")
                    try await refuse(redis)
                    try await eventually("the refusal to be noticed") { !instance.store.isReachable }
                    let claim = await #expect(throws: ChatError.self) { try await instance.claim("carol") }
                    #expect(claim?.code == .unavailable)
                    let move = await #expect(throws: ChatError.self) {
                        try await instance.store.move(alice, leaving: [try RoomName("dev")], entering: .global)
                    }
                    #expect(move?.code == .unavailable)
                    await instance.store.release(bob)
                    // Which of two is first in the log is a matter of threads.
                    try await eventually("the operator to be told", equals: expected) { lines.all.sorted() }

                    try await mend(redis)
                    try await instance.store.waitUntilReady(within: .seconds(10))
                    #expect(try await instance.store.names() == ["alice"])
                    #expect(try await instance.store.roomLines() == ["dev: 1"])
                    _ = try await instance.claim("carol")
                    #expect(lines.all.sorted() == expected)
                }
            }
        }

        @Test func `one that becomes a replica is left, and taken up again as a master`() async throws {
            try await expectRecovery(
                logging: [
                    "presence could not be kept: Redis says: "
                        + "READONLY You can't write against a read only replica. (it has become a replica)",
                    "redis cannot be reached: it is a replica, which takes no writes",
                    "redis connection lost: ",
                ]
            ) { redis in
                try await redis.command("REPLICAOF", "127.0.0.1", "1")
            } by: { redis in
                try await redis.command("REPLICAOF", "NO", "ONE")
            }
        }

        @Test func `one that is out of memory is tried again until it has some`() async throws {
            try await expectRecovery(
                logging: [
                    "presence could not be kept: Redis says: "
                        + "OOM command not allowed when used memory > 'maxmemory'. (it has reached its maxmemory)"
                ]
            ) { redis in
                try await redis.command("CONFIG", "SET", "maxmemory", "1")
            } by: { redis in
                try await redis.command("CONFIG", "SET", "maxmemory", "0")
            }
        }

        @Test func `one that cannot write to its disk is tried again until it can`() async throws {
            try await expectRecovery(
                logging: [
                    "presence could not be kept: Redis says: MISCONF Redis is configured to save RDB snapshots, "
                        + "but it's currently unable to persist to disk (look into its log, its disk may be full)"
                ]
            ) { redis in
                try redis.removeDirectory()
                try await redis.command("CONFIG", "SET", "save", "3600 1")
                try await redis.command("BGSAVE")
                try await eventually("the save to fail", equals: "err") {
                    try await redis.info("rdb_last_bgsave_status")
                }
            } by: { redis in
                try await redis.command("CONFIG", "SET", "save", "")
            }
        }
    }
}
