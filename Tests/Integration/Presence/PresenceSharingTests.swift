import Domain
import Service
import Testing

@testable import InfrastructureRedis

extension Integration {
    /// Users with sessions on several instances, which die, freeze, or lose Redis.
    @Suite("Presence of users with several sessions", .serialized)
    struct PresenceSharingTests {
        private let alice: Username
        private let dev: RoomName

        init() throws {
            alice = try Username("alice")
            dev = try RoomName("dev")
        }

        @Test func `an instance dies: rooms hear of the users of whom no session is left there, once each`()
            async throws
        {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { first in
                    try await PresenceInstance.with(redis.url) { second in
                        try await PresenceInstance.with(redis.url) { victim in
                            for _ in 0..<3 {
                                // Gone with the victim, though there are three.
                                _ = try await victim.share("gone", "dev")
                                // In the room by another instance as well.
                                _ = try await victim.share("stays", "dev")
                            }
                            let kept = try await second.share("stays", "dev")
                            // Elsewhere by another instance.
                            _ = try await victim.share("moves", "dev")
                            _ = try await first.share("moves", "global")
                            await victim.kill()
                            try await eventuallyPresent("its users have left") {
                                try await first.store.names(in: dev) == ["stays"]
                            }
                            try await eventuallyPresent("nothing is queued") {
                                try await redis.command("EXISTS", "lease:notices") == .integer(0)
                            }
                            let told = Set((first.observer.departed + second.observer.departed).map(\.id))
                            #expect(told.count == 2)
                            #expect(
                                Set(first.observer.told + second.observer.told) == ["-gone@dev", "-moves@dev"])
                            #expect(try await second.store.names() == ["moves", "stays"])
                            #expect(try await second.store.moveAndTell(kept, leaving: [dev]) == [dev])
                            #expect(try await second.store.roomLines() == ["global: 1"])
                        }
                    }
                }
            }
        }

        @Test func `an instance that was frozen comes back: rooms hear of the users that had left them`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { frozen in
                    let (gone, back) = (SessionSecret.random(), try RoomName("ops"))
                    for _ in 0..<2 { _ = try await frozen.share("alice", "dev") }
                    _ = try await frozen.share("alice", "ops")
                    // In a room of which others are told that the user has left, and which it enters again meanwhile.
                    _ = try await frozen.share("bob", "dev", secret: gone)
                    let lease = try #require(try await redis.leases().first)
                    try await PresenceInstance.with(redis.url, grace: .zero) { survivor in
                        _ = try await survivor.share("alice", "ops")
                        try await redis.command("ZADD", "lease:instances", "1", lease)
                        try await eventuallyPresent("they have left") { survivor.observer.told.count == 2 }
                        #expect(Set(survivor.observer.told) == ["-alice@dev", "-bob@dev"])
                        #expect(try await survivor.store.names(in: back) == ["alice"])
                        _ = try await survivor.share("bob", "dev")

                        _ = try await frozen.share("carol")
                        try await eventuallyPresent("alice is back") {
                            !Set(frozen.observer.told + survivor.observer.told).isDisjoint(with: ["+alice@dev"])
                        }
                        #expect(try await survivor.store.names(in: dev) == ["alice", "bob"])
                        let told = frozen.observer.notices + survivor.observer.notices
                        #expect(Set(told.map(\.id)).count == 3)
                        #expect(frozen.observer.lost == [])
                    }
                }
            }
        }

        @Test func `what may not have been told is handed out before what came later, however much it is`() async throws
        {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, lifetime: .seconds(60)) { first in
                    try await PresenceInstance.with(redis.url, lifetime: .seconds(60)) { second in
                        let session = SessionID.random()
                        // The first instance is slow to tell what it has done.
                        first.observer.refuse(next: 1)
                        let came = try await first.store.enter(alice, as: session, in: dev, isShared: true)
                        let left = try await first.store.move(session, leaving: [dev], entering: nil)
                        let back = try await second.store.enter(alice, in: dev, isShared: true)
                        #expect(first.observer.refused == 1)
                        #expect(second.observer.told == ["+alice@dev", "-alice@dev"])
                        let earlier = second.observer.notices
                        #expect(earlier.map(\.id) == [came.news[dev]?.keptAs, left.news[dev]?.keptAs])
                        #expect(back.news[dev]?.keptAs != nil)
                        // As they are read from the queue, in order of time.
                        let times = earlier.map(\.timestamp.millisecondsSince1970)
                        #expect(times == times.sorted() && Set(times).count == 2)
                    }
                }
            }
        }

        @Test func `a Redis that was emptied is filled again, and no room hears of it`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, lifetime: .seconds(3)) { first in
                    try await PresenceInstance.with(redis.url, lifetime: .seconds(3)) { second in
                        try await PresenceInstance.with(redis.url, lifetime: .seconds(3)) { third in
                            let instances = [first, second, third]
                            var sessions: [SessionID] = []
                            for instance in instances { sessions.append(try await instance.share("alice", "dev")) }
                            for _ in 0..<3 {
                                try await redis.command("FLUSHALL")
                                // Not before all have written again where alice is.
                                #expect(try await first.store.moveAndTell(sessions[0], leaving: [dev]) == [])
                                #expect(try await first.store.moveAndTell(sessions[0], entering: dev) == [])
                            }
                            try await redis.command("FLUSHALL")
                            await first.store.release(sessions[0])
                            await second.store.release(sessions[1])
                            try await eventuallyPresent("one session is left") {
                                try await redis.command("ZCARD", "lease:sharing") == .integer(1)
                            }
                            #expect(try await third.store.roomLines() == ["dev: 1"])
                            #expect(instances.flatMap(\.observer.told) == [])
                            await third.store.release(sessions[2])
                            try await eventuallyPresent("alice has left") { third.observer.told == ["-alice@dev"] }
                            #expect(instances.flatMap(\.observer.lost) == [])
                        }
                    }
                }
            }
        }

        @Test(arguments: [false, true])
        func `who leaves while Redis is away is told when it is back, once, and only with the last session`(
            isEmptied: Bool
        ) async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, lifetime: .seconds(3)) { first in
                    try await PresenceInstance.with(redis.url, lifetime: .seconds(3)) { second in
                        let leaving = try await first.share("alice", "dev")
                        let staying = try await second.share("bob", "dev")
                        let other = try await first.share("bob", "dev")
                        if !isEmptied { try await redis.command("SAVE") }
                        redis.stop()
                        try await eventuallyPresent("the loss is noticed") {
                            !first.store.isReachable && !second.store.isReachable
                        }
                        await first.store.release(leaving)
                        await first.store.release(other)
                        try redis.start()
                        try await eventuallyPresent("alice has left") { first.observer.told == ["-alice@dev"] }
                        try await second.store.waitUntilReady(within: .seconds(10))
                        try await eventuallyPresent("the lists agree") {
                            try await second.store.names() == ["bob"]
                        }
                        #expect(second.observer.told == [])
                        #expect(try await second.store.moveAndTell(staying, leaving: [dev]) == [dev])
                    }
                }
            }
        }

        @Test func `what a hanging Redis was told of is told, or undone and told as well`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, timeout: .milliseconds(300)) { instance in
                    let moving = try await instance.share("moving", "dev")
                    let leaving = try await instance.share("leaving", "dev")
                    redis.freeze()
                    async let release: Void = instance.store.release(leaving)
                    async let claim = failure { _ = try await instance.share("ghost", "dev") }
                    async let move = failure {
                        try await instance.store.move(moving, leaving: [dev], entering: .global)
                    }
                    #expect(await claim?.code == .unavailable)
                    #expect(await move?.code == .unavailable)
                    await release
                    redis.thaw()
                    try await eventuallyPresent("presence is settled") { instance.store.isReachable }
                    try await eventuallyPresent("all is told") {
                        guard try await instance.store.names() == ["moving"] else { return false }
                        return try await redis.command("EXISTS", "lease:notices") == .integer(0)
                    }
                    #expect(try await instance.store.roomLines() == ["dev: 1"])
                    // Whatever was told, it leads to what is.
                    var present = ["moving@dev": 1, "leaving@dev": 1]
                    var known: Set<String> = []
                    for notice in instance.observer.notices where known.insert(notice.id).inserted {
                        present["\(notice.username)@\(notice.room)", default: 0] += notice.change == .joined ? 1 : -1
                    }
                    #expect(present.filter { $0.value != 0 } == ["moving@dev": 1])
                    #expect(present.values.allSatisfy { (0...1).contains($0) })
                }
            }
        }

        @Test func `a session is taken over from a dead instance, and the user's others there have left`() async throws
        {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { survivor in
                    try await PresenceInstance.with(redis.url) { victim in
                        let secret = SessionSecret.random()
                        _ = try await victim.share("alice", "dev", secret: secret)
                        _ = try await victim.share("alice", "ops")
                        await victim.kill()
                        let claimed = try await survivor.store.share(alice, secret: .random(), presenting: secret)
                        #expect(claimed.rooms.map(\.name) == [dev])
                        try await eventuallyPresent("the other has left") { survivor.observer.told == ["-alice@ops"] }
                        #expect(try await survivor.store.names() == ["alice"])
                        #expect(try await survivor.store.roomLines() == ["dev: 1"])
                    }
                }
            }
        }

        @Test func `keys that Redis has lost of a shared name are written again`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { first in
                    try await PresenceInstance.with(redis.url) { second in
                        let mine = try await first.share("alice", "dev")
                        _ = try await second.share("alice", "dev")
                        for key in ["lease:sharing", "lease:owners", "active_users", "room:dev"] {
                            try await redis.command("DEL", key)
                            try await eventuallyPresent("\(key) is whole again") {
                                let sharing = try await redis.command("ZCARD", "lease:sharing")
                                let owners = try await redis.command("HLEN", "lease:owners")
                                guard sharing == .integer(2), owners == .integer(2) else { return false }
                                guard try await redis.members("room:dev") == ["alice"] else { return false }
                                return try await redis.members("active_users") == ["alice"]
                            }
                        }
                        #expect(try await first.store.moveAndTell(mine, leaving: [dev]) == [])
                        #expect(first.observer.told + second.observer.told == [])
                    }
                }
            }
        }

        @Test func `a name that is not shared leaves no key of those that are`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { instance in
                    let session = try await instance.claim("alice", "dev")
                    try await instance.store.move(session, leaving: [dev], entering: .global)
                    let keys = try await redis.keys()
                    #expect(!keys.contains { $0.hasPrefix("lease:sharing") || $0.hasPrefix("lease:untold") })
                    #expect(try await redis.command("HKEYS", "lease:owners").texts() == ["alice"])
                    #expect(try await redis.command("EXISTS", "lease:notices") == .integer(0))
                }
            }
        }
    }
}

/// What goes wrong.
private func failure(_ body: () async throws -> some Any) async -> ChatError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? ChatError
    }
}
