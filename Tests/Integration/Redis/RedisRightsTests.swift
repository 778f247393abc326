import Domain
import Foundation
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    @Suite("Redis with users and passwords", .serialized)
    struct RedisRightsTests {
        /// As docs/operations.md has it.
        private static let rights =
            "resetkeys ~chat:* resetchannels -@all "
            + "+@read +@write -@dangerous +eval +evalsha +script|load +select +role +time +info"

        private func withUser(
            _ rights: String = Self.rights, _ body: (RedisProcess, _ url: String) async throws -> Void
        ) async throws {
            try await RedisProcess.with { redis in
                let rule = ["ACL", "SETUSER", "chat", "on", ">s3cret"] + rights.split(separator: " ").map(String.init)
                #expect(try await redis.command(rule) == .text("OK"))
                try await body(redis, "redis://chat:s3cret@127.0.0.1:\(redis.port)")
            }
        }

        private func refusal(_ url: String) async throws -> String {
            var refusal = ""
            try await PresenceInstance.with(url, prefix: "chat:", ready: false) { instance in
                let error = await #expect(throws: RedisUnreachable.self) {
                    // It does not wait for so long: this does not get better by waiting.
                    try await instance.store.waitUntilReady(within: .seconds(300))
                }
                refusal = error?.description ?? ""
            }
            return refusal
        }

        @Test func `the rights in the documentation are enough for all that an instance does`() async throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
            let manual = try String(contentsOf: root.appendingPathComponent("docs/operations.md"), encoding: .utf8)
            #expect(manual.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(Self.rights))

            try await withUser { redis, url in
                let secret = SessionSecret.random()
                let grace = Duration.milliseconds(600)
                try await PresenceInstance.with(url + "/1", prefix: "chat:", grace: grace) { survivor in
                    try await PresenceInstance.with(url + "/1", prefix: "chat:", grace: grace) { instance in
                        let alice = try await instance.claim("alice", "dev")
                        try await instance.store.move(alice, leaving: [try RoomName("dev")], entering: .global)
                        let bob = SessionID.random()
                        try await instance.store.enter(try Username("bob"), as: bob, secret: secret)
                        _ = try await instance.store.enter(try Username("bob"), secret: .random(), presenting: secret)
                        let carol = try await instance.claim("carol")
                        await instance.store.release(carol)
                        #expect(try await instance.store.names() == ["alice", "bob"])
                        #expect(try await instance.store.names(in: .global) == ["alice", "bob"])
                        #expect(try await instance.store.contains(try Username("alice")))
                        #expect(try await instance.store.roomLines() == ["global: 2"])
                    }
                    // It has died: reaping, the queue of notices, and their publication.
                    try await eventually("the departures", equals: ["alice@global", "bob@global"]) {
                        survivor.observer.departures
                    }
                    _ = try await survivor.claim("dora")
                    try await redis.command("FLUSHALL")
                    try await eventually("dora to be written again", equals: ["dora"]) {
                        (try? await survivor.store.names()) ?? []
                    }
                    await survivor.shutDown()
                }
                // Nothing was refused on the way, not even in what is tried again.
                #expect(try await redis.command("ACL", "LOG") == .list([]))
            }
        }

        @Test func `wrong or missing passwords and rights are said in one line, without the password`() async throws {
            try await withUser { redis, url in
                let start = "Redis at 127.0.0.1:\(redis.port) cannot be reached: Redis says: "
                let wrong = try await refusal("redis://chat:wr0ng@127.0.0.1:\(redis.port)")
                #expect(
                    wrong == start + "WRONGPASS invalid username-password pair or user is disabled. "
                        + "(look at user and password in redis_url)")
                #expect(!wrong.contains("wr0ng"))

                try await redis.command("ACL", "SETUSER", "chat", "-evalsha", "-eval")
                let unable = try await refusal(url)
                #expect(
                    unable == start
                        + "NOPERM this user has no permissions to run the 'evalsha' command "
                        + "(docs/operations.md has the rights that the server needs)")

                try await redis.command("ACL", "SETUSER", "default", "on", ">other")
                let unnamed = try await refusal("redis://127.0.0.1:\(redis.port)")
                #expect(
                    unnamed == start + "NOAUTH Authentication required. (put the password into redis_url)")
            }
        }

        @Test func `a user who may not ask for the role is served all the same`() async throws {
            try await withUser(Self.rights.replacing(" +role", with: "")) { _, url in
                try await PresenceInstance.with(url, prefix: "chat:") { instance in
                    _ = try await instance.claim("alice")
                    #expect(try await instance.store.names() == ["alice"])
                }
            }
        }

        @Test func `other keys than the server's own are out of reach`() async throws {
            try await withUser { _, url in
                try await PresenceInstance.with(url, prefix: "other:", ready: false) { instance in
                    let error = await #expect(throws: RedisUnreachable.self) {
                        try await instance.store.waitUntilReady(within: .seconds(300))
                    }
                    #expect(error?.description.contains("NOPERM") == true)
                }
            }
        }
    }
}
