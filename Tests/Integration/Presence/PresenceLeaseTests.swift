import Domain
import InfrastructurePresence
import Synchronization
import Testing

@testable import InfrastructureRedis

extension Integration {
    /// Several instances on one Redis: what becomes of sessions whose instance dies, freezes or leaves.
    @Suite("Presence of instances that die, freeze or leave", .serialized)
    struct PresenceLeaseTests {
        @Test func `an instance that dies is reaped and each departure is announced once`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { survivor in
                    try await PresenceInstance.with(redis.url) { victim in
                        survivor.observer.refuse(next: 1)
                        let kept = try await survivor.claim("kept")
                        for number in 0..<300 { _ = try await victim.claim("user\(number)", number < 150 ? "a" : "b") }
                        await victim.kill()

                        try await eventuallyPresent("all are announced") { survivor.observer.departed.count == 300 }
                        #expect(survivor.observer.refused == 1)
                        #expect(try await survivor.store.names() == ["kept"])
                        #expect(try await survivor.store.roomLines() == ["global: 1"])
                        try await eventuallyPresent("nothing is left of it") {
                            guard try await redis.command("EXISTS", "lease:notices") == .integer(0) else {
                                return false
                            }
                            return try await redis.leases().count == 1
                        }
                        #expect(Set(survivor.observer.departures).count == 300)
                        #expect(Set(survivor.observer.departed.map(\.id)).count == 300)
                        await survivor.store.release(kept)
                    }
                }
            }
        }

        @Test func `two survivors that cannot publish at first announce each departure under one id`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { first in
                    try await PresenceInstance.with(redis.url) { second in
                        try await PresenceInstance.with(redis.url) { victim in
                            for number in 0..<20 { _ = try await victim.claim("user\(number)") }
                            first.observer.refuse(next: 3)
                            second.observer.refuse(next: 3)
                            await victim.kill()
                            let all = { Set((first.observer.departed + second.observer.departed).map(\.id)) }
                            try await eventuallyPresent("all are announced") { all().count >= 20 }
                            try await eventuallyPresent("none is queued") {
                                try await redis.command("EXISTS", "lease:notices") == .integer(0)
                            }
                            #expect(all().count == 20)
                        }
                    }
                }
            }
        }

        @Test func `a dead instance's name can be claimed at once when its lease has run out`() async throws {
            try await PresenceRedis.with { redis in
                // The survivor's own beat, and so its reaping, is far away.
                try await PresenceInstance.with(redis.url, lifetime: .seconds(60)) { survivor in
                    try await PresenceInstance.with(redis.url) { victim in
                        _ = try await victim.claim("alice", "dev")
                        await victim.kill()
                        try await eventuallyPresent("the name is free") {
                            do {
                                _ = try await survivor.claim("alice")
                                return true
                            } catch let error as ChatError where error.code == .usernameTaken {
                                return false
                            }
                        }
                        #expect(survivor.observer.departures == ["alice@dev"])
                        #expect(try await survivor.store.roomLines() == ["global: 1"])
                    }
                }
            }
        }

        @Test func `an instance that comes back and finds its lease gone restores its sessions`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { frozen in
                    let alice = try await frozen.claim("alice", "dev")
                    let lease = try #require(try await redis.leases().first)
                    try await redis.command("ZADD", "lease:instances", "0", lease)
                    try await PresenceInstance.with(redis.url) { _ in
                        try await eventuallyPresent("a new lease") { try await !redis.leases().contains(lease) }
                        try await eventuallyPresent("alice is back") {
                            guard try await redis.members("active_users") == ["alice"] else { return false }
                            return try await redis.members("room:dev") == ["alice"]
                        }
                        try await frozen.store.move(alice, leaving: [try RoomName("dev")], entering: .global)
                        #expect(try await redis.members("all_rooms") == ["global"])
                        #expect(frozen.observer.lost == [])
                    }
                }
            }
        }

        @Test func `an operation that finds its lease gone is done under a new one`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, lifetime: .seconds(60)) { instance in
                    let alice = try await instance.claim("alice")
                    // Another's, so that it does not look as if Redis had forgotten everything.
                    try await redis.command("ZADD", "lease:instances", "9999999999999", "another")
                    for lease in try await redis.leases() where lease != "another" {
                        try await redis.command("ZREM", "lease:instances", lease)
                    }
                    try await instance.store.move(alice, leaving: [.global], entering: try RoomName("dev"))
                    for lease in try await redis.leases() where lease != "another" {
                        try await redis.command("ZREM", "lease:instances", lease)
                    }
                    _ = try await instance.claim("bob")
                    #expect(try await instance.store.names() == ["alice", "bob"])
                    #expect(try await instance.store.roomLines() == ["dev: 1", "global: 1"])
                }
            }
        }

        @Test func `a command that Redis gets to only after the next settlement changes nothing`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, lifetime: .seconds(60)) { instance in
                    let (alice, secret) = (SessionID.random(), SessionSecret.random())
                    try await instance.store.enter(try Username("alice"), as: alice, secret: secret)
                    let old = try #require(try await redis.leases().first)
                    instance.store.detach()
                    try await eventuallyPresent("a new lease") { try await redis.leases().allSatisfy { $0 != old } }
                    let before = try await redis.snapshot()

                    let late: [(RedisScript, [String])] = [
                        (PresenceScripts.claim, [old, "ghost", "session", "", "", "", "global", "0"]),
                        (PresenceScripts.claim, [old, "alice", "session", "", secret.text, "", "global", "0"]),
                        (PresenceScripts.move, [old, "alice", alice.text, "dev", "global"]),
                        (PresenceScripts.release, [old, "alice", alice.text]),
                        (PresenceScripts.beat, [old, "60000"]),
                        (PresenceScripts.restore, [old, "0", "0", "0", "0", "0", "ghost", "session;;;0; global"]),
                        (PresenceScripts.retire, [old, "8000"]),
                    ]
                    for (script, arguments) in late {
                        _ = try await instance.store.evaluate(script, arguments)
                        #expect(try await redis.snapshot() == before, "after \(script.name)")
                    }
                }
            }
        }

        @Test func `a claim that Redis gets to only after an outage frees nobody's name`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { owner in
                    _ = try await owner.claim("alice", "dev")
                    try await PresenceInstance.withQuiet(redis) { other in
                        let lease = try #require(other.store.state.withLock { $0.ledger.lease })
                        for lease in try await redis.leases() {
                            try await redis.command("ZADD", "lease:instances", "1", lease)
                        }
                        let late = [lease, "alice", "session", "", "", "", "global", "0"]
                        let reply = try await other.store.evaluate(PresenceScripts.claim, late)
                        #expect(reply == .array([.string("GONE")]))
                        #expect(try await redis.members("room:dev") == ["alice"])
                        #expect(try await redis.command("EXISTS", "lease:notices") == .integer(0))
                    }
                }
            }
        }

        @Test func `a session whose name was taken meanwhile is told, and only that one`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { frozen in
                    let lost = try await frozen.claim("alice", "dev")
                    let kept = try await frozen.claim("bob", "dev")
                    let lease = try #require(try await redis.leases().first)
                    try await PresenceInstance.withQuiet(redis) { other in
                        try await redis.command("ZADD", "lease:instances", "1", lease)
                        let winner = try await other.claim("alice")
                        #expect(other.observer.departures == ["alice@dev"])

                        // Its lease is only late, but something was taken from it: it must learn that.
                        _ = try await frozen.claim("carol", "dev")
                        #expect(frozen.observer.lost == [lost])
                        let error = await #expect(throws: ChatError.self) {
                            try await frozen.store.move(lost, leaving: [try RoomName("dev")], entering: .global)
                        }
                        #expect(error?.code == .usernameTaken)
                        await frozen.store.release(lost)
                        #expect(try await other.store.names() == ["alice", "bob", "carol"])
                        #expect(try await other.store.names(in: .global) == ["alice"])
                        #expect(try await other.store.names(in: try RoomName("dev")) == ["bob", "carol"])
                        await other.store.release(winner)
                        await frozen.store.release(kept)
                        #expect(try await other.store.names() == ["carol"])
                    }
                }
            }
        }

        @Test func `a name of an original server is refused and never touched`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { instance in
                    for (key, member) in [("active_users", "gopher"), ("room:dev", "gopher"), ("all_rooms", "dev")] {
                        try await redis.command("SADD", key, member)
                    }
                    let error = await #expect(throws: ChatError.self) { try await instance.claim("gopher") }
                    #expect(error?.code == .usernameTaken)
                    let session = try await instance.claim("alice", "dev")
                    await instance.store.release(session)
                    #expect(try await instance.store.names() == ["gopher"])
                    #expect(try await instance.store.roomLines() == ["dev: 1"])
                    await instance.shutDown()
                    // But for the indexes, which the lists have made of these and which go by themselves.
                    let rest = try await redis.keys().filter { !$0.hasPrefix("lease:index:") }
                    #expect(rest == ["active_users", "all_rooms", "room:dev"])
                }
            }
        }

        @Test func `an instance that shuts down leaves nothing behind`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { instance in
                    let session = try await instance.claim("alice")
                    await instance.store.release(session)
                    await instance.shutDown()
                    #expect(try await redis.keys() == [])
                    #expect(!instance.store.isReachable)
                    let error = await #expect(throws: ChatError.self) { try await instance.claim("bob") }
                    #expect(error?.code == .unavailable)
                }
            }
        }

        @Test func `every key stands under the prefix`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, prefix: "{chat}:") { instance in
                    _ = try await instance.claim("alice")
                    let keys = try await redis.keys()
                    #expect(keys.allSatisfy { $0.hasPrefix("{chat}:") })
                    #expect(try await redis.members("{chat}:room:global") == ["alice"])
                }
            }
        }
    }
}

extension PresenceRedis {
    /// All that presence holds, but for when leases expire and when somebody has beaten.
    func snapshot() async throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for key in try await keys() where key != "lease:pulse" {
            found[key] =
                switch try await command("TYPE", key).text() {
                case "set": try await members(key)
                case "hash": try await command("HGETALL", key).texts()
                case "string": [try await command("GET", key).text()]
                default: try await command("ZRANGE", key, "0", "-1").texts()
                }
        }
        return found
    }

    func leases() async throws -> [String] {
        try await command("ZRANGE", "lease:instances", "0", "-1").texts()
    }

    func owner(_ name: String) async throws -> String? {
        let reply = try await command("HGET", "lease:owners", name)
        return reply == .null ? nil : try reply.text()
    }
}
