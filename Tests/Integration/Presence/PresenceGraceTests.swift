import Domain
import InfrastructurePresence
import Service
import Synchronization
import Testing

@testable import InfrastructureRedis

extension Integration {
    /// Whom a dead instance's sessions wait for, and what becomes of those of an instance that only seemed dead.
    @Suite("Presence of instances that seem dead", .serialized)
    struct PresenceGraceTests {
        private let dev: RoomName
        private let alice: Username

        init() throws {
            dev = try RoomName("dev")
            alice = try Username("alice")
        }

        @Test func `a dead instance's sessions wait for their clients, classic ones do not`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, grace: .seconds(3)) { survivor in
                    try await PresenceInstance.with(redis.url, grace: .seconds(3)) { victim in
                        let secret = SessionSecret.random()
                        try await victim.store.enter(alice, in: dev, secret: secret)
                        try await victim.store.enter(try Username("bob"), in: dev, secret: .random())
                        _ = try await victim.claim("classic", "dev")
                        await victim.kill()
                        try await eventuallyPresent("the classic one has left") {
                            survivor.observer.departures == ["classic@dev"]
                        }
                        #expect(try await survivor.store.names() == ["alice", "bob"])
                        let refused = await #expect(throws: ChatError.self) {
                            try await survivor.store.enter(alice, presenting: .random())
                        }
                        #expect(refused?.code == .usernameTaken)
                        let back = try await survivor.store.enter(alice, presenting: secret)
                        #expect(back.predecessor != nil && back.rooms.map(\.name) == [dev])

                        try await eventuallyPresent("the other has left") {
                            survivor.observer.departures == ["bob@dev", "classic@dev"]
                        }
                        #expect(try await survivor.store.names(in: dev) == ["alice"])
                        try await eventuallyPresent("nothing is left of it") { try await redis.leases().count == 1 }
                    }
                }
            }
        }

        @Test func `nobody is dead because Redis did not answer for long`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(
                    redis.url, lifetime: .seconds(2), timeout: .milliseconds(300)
                ) { first in
                    try await PresenceInstance.with(
                        redis.url, lifetime: .seconds(2), timeout: .milliseconds(300)
                    ) { second in
                        _ = try await first.claim("alice", "dev")
                        _ = try await second.claim("bob", "dev")
                        redis.freeze()
                        try await eventuallyPresent("the loss is noticed") {
                            !first.store.isReachable && !second.store.isReachable
                        }
                        // How long it was away: two lifetimes of a lease.
                        try await Task.sleep(for: .seconds(4))
                        redis.thaw()
                        for instance in [first, second] {
                            try await instance.store.waitUntilReady(within: .seconds(10))
                        }
                        #expect(try await first.store.names(in: dev) == ["alice", "bob"])
                        #expect(first.observer.departures + second.observer.departures == [])
                        #expect(first.observer.returns + second.observer.returns == [])
                    }
                }
            }
        }

        @Test func `nobody's name is given away while it is not known who lives`() async throws {
            try await PresenceRedis.with { redis in
                // Neither beats nor reaps by itself within the test.
                try await PresenceInstance.withQuiet(redis) { owner in
                    _ = try await owner.claim("alice", "dev")
                    let lease = try #require(try await redis.leases().first)
                    try await PresenceInstance.withQuiet(redis) { other in
                        func isPutOff(_ name: String) async {
                            let error = await #expect(throws: ChatError.self) { try await other.claim(name) }
                            #expect(error?.code == .unavailable)
                        }
                        // Redis was away, and the owner's instance could not beat.
                        try await redis.command("SET", "lease:reprieve", "", "PX", "60000")
                        let ends = try await redis.command("ZSCORE", "lease:instances", lease).text()
                        try await redis.command("ZADD", "lease:instances", "1", lease)
                        await isPutOff("alice")
                        try await redis.command("ZADD", "lease:instances", ends, lease)
                        // Redis has forgotten everything, and the owner's instance does not know it yet.
                        try await redis.command("FLUSHALL")
                        await isPutOff("alice")
                        owner.store.detach()
                        try await owner.store.waitUntilReady(within: .seconds(10))
                        let taken = await #expect(throws: ChatError.self) { try await other.claim("alice") }
                        #expect(taken?.code == .usernameTaken)
                        #expect(owner.observer.lost == [] && other.observer.departures == [])
                        #expect(try await other.store.names(in: dev) == ["alice"])
                    }
                }
            }
        }

        @Test func `who was told to have left with an instance that lives is told to be back`() async throws {
            try await PresenceRedis.with { redis in
                // Neither beats nor reaps by itself within the test.
                try await PresenceInstance.withQuiet(redis) { late in
                    let kept = try await late.claim("alice", "dev")
                    let taken = try await late.claim("bob", "dev")
                    let lease = try #require(try await redis.leases().first)
                    try await PresenceInstance.withQuiet(redis) { other in
                        try await redis.command("ZADD", "lease:instances", "1", lease)
                        try await other.reap()
                        #expect(other.observer.departures == ["alice@dev", "bob@dev"])
                        #expect(try await redis.members("active_users") == [])
                        let successor = try await other.claim("bob")

                        // Done under a new lease, since the old one is gone.
                        try await late.store.move(kept, leaving: [], entering: .global)
                        #expect(late.observer.returns == ["alice@dev"])
                        #expect(late.observer.lost == [taken])
                        #expect(try await other.store.names() == ["alice", "bob"])
                        #expect(try await other.store.names(in: dev) == ["alice"])

                        // A settlement after that tells nobody anything.
                        late.store.detach()
                        try await eventuallyPresent("it is settled") { late.store.isReachable }
                        #expect(late.observer.returns == ["alice@dev"])
                        await other.store.release(successor)
                    }
                }
            }
        }

        @Test func `one that was still for a lease's lifetime doubts its names until it has settled`() async throws {
            try await PresenceRedis.with { redis in
                let clock = SteppedClock()
                try await PresenceInstance.withQuiet(redis, clock: clock) { still in
                    let lost = try await still.claim("alice", "dev")
                    #expect(!still.store.namesAreDoubtful)
                    let lease = try #require(try await redis.leases().first)
                    clock.advance(by: .seconds(60))
                    #expect(still.store.namesAreDoubtful)
                    try await PresenceInstance.withQuiet(redis) { other in
                        try await redis.command("ZADD", "lease:instances", "1", lease)
                        try await other.reap()
                        _ = try await other.claim("alice")
                        await still.store.confirmNames()
                        #expect(still.observer.lost == [lost])
                        #expect(!still.store.namesAreDoubtful)
                    }
                    // While Redis is away nobody can take a name, or hear of it: who is connected goes on.
                    clock.advance(by: .seconds(60))
                    redis.stop()
                    await still.store.confirmNames()
                    #expect(!still.store.namesAreDoubtful)
                }
            }
        }
    }
}

extension PresenceInstance {
    /// Takes out what is due, without waiting for its turn.
    fileprivate func reap() async throws {
        let lease = try #require(store.state.withLock { $0.ledger.lease })
        let reply = try await store.evaluate(PresenceScripts.reap, [lease, "200", "0"]).elements()
        await store.publish(try reply[2].texts())
    }
}
