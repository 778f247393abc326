import Domain
import Service
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    /// Succession across instances: one has the predecessor, another the successor. Where the lifetime is a minute nobody
    /// beats, reaps or settles by itself within the test.
    @Suite("Succession across instances", .serialized)
    struct PresenceSuccessionTests {
        private let alice: Username
        private let dev: RoomName
        private let secret = SessionSecret.random()
        private let first = SessionID("first")
        private let second = SessionID("second")
        private let third = SessionID("third")

        init() throws {
            alice = try Username("alice")
            dev = try RoomName("dev")
        }

        /// A session of alice's in global and dev on `old`, and its successor on `new`.
        private func succeed(_ old: PresenceInstance, _ new: PresenceInstance) async throws {
            try await old.store.enter(alice, as: first, secret: secret)
            try await old.store.move(first, leaving: [], entering: dev)
            let claimed = try await new.store.enter(alice, as: second, secret: .random(), presenting: secret)
            #expect(claimed.predecessor == first)
            #expect(claimed.secret == secret)
            #expect(claimed.rooms.map(\.name) == [.global, dev])
        }

        private func withTwo(
            _ body: (PresenceRedis, _ old: PresenceInstance, _ new: PresenceInstance) async throws -> Void
        ) async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { old in
                    try await PresenceInstance.withQuiet(redis) { new in try await body(redis, old, new) }
                }
            }
        }

        @Test func `an instance hears with its next beat that its session was succeeded, and keeps its lease`()
            async throws
        {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url) { old in
                    try await PresenceInstance.with(redis.url) { new in
                        let bob = try await old.claim("bob")
                        let leases = Set(try await redis.leases())
                        try await succeed(old, new)
                        try await eventuallyPresent("it hears") { old.observer.lost == [first] }
                        try await eventuallyPresent("it need not hear again") {
                            try await redis.keys().allSatisfy { !$0.hasPrefix("lease:succeeded:") }
                        }
                        await old.store.release(first)
                        try await old.store.move(bob, leaving: [.global], entering: dev)
                        #expect(try await new.store.names(in: dev) == ["alice", "bob"])
                        #expect(
                            try await new.store.move(second, leaving: [.global], entering: nil).members == [.global: 0])
                        #expect(Set(try await redis.leases()) == leases)
                        #expect(old.observer.departures == [] && new.observer.departures == [])
                        #expect(new.observer.lost == [])
                    }
                }
            }
        }

        @Test func `a predecessor that has not heard of it yet can do nothing, and hears of it then`() async throws {
            try await withTwo { redis, old, new in
                try await succeed(old, new)
                let (before, leases) = (try await redis.members("room:dev"), try await redis.leases().sorted())
                let error = await #expect(throws: ChatError.self) {
                    try await old.store.move(first, leaving: [dev], entering: nil)
                }
                #expect(error?.code == .usernameTaken)
                try await eventuallyPresent("it hears") { old.observer.lost == [first] }
                #expect(try await redis.members("room:dev") == before)
                #expect(try await redis.leases().sorted() == leases)
            }
        }

        @Test func `the release of a predecessor changes nothing`() async throws {
            try await withTwo { redis, old, new in
                try await succeed(old, new)
                await old.store.release(first)
                #expect(try await new.store.names() == ["alice"])
                #expect(try await new.store.roomLines() == ["dev: 1", "global: 1"])
                #expect(old.observer.lost == [])
                #expect(try await new.store.move(second, leaving: [dev], entering: nil).members == [dev: 0])
                #expect(try await redis.keys().allSatisfy { !$0.hasPrefix("lease:succeeded:") })
            }
        }

        @Test func `a session whose instance is dead is succeeded before anybody has reaped it, without a word`()
            async throws
        {
            try await withTwo { redis, old, new in
                try await old.store.enter(alice, as: first, secret: secret)
                _ = try await old.claim("bob", "dev")
                let lease = try #require(try await redis.owner("alice"))
                await old.kill()
                try await redis.command("ZADD", "lease:instances", "1", lease)
                let claimed = try await new.store.enter(alice, as: second, presenting: secret)
                #expect(claimed.predecessor == first)
                #expect(new.observer.departed == [])

                new.store.wakeup.ring()
                try await eventuallyPresent("the others are reaped") {
                    try await redis.leases().contains(lease) == false
                }
                try await eventuallyPresent("and announced") { new.observer.departures == ["bob@dev"] }
                #expect(new.observer.departed.first?.members == 0)
                #expect(try await new.store.names() == ["alice"])
                #expect(try await new.store.roomLines() == ["global: 1"])
            }
        }

        @Test func `a wrong secret has the name of a dead instance's session as any claim has`() async throws {
            try await withTwo { redis, old, new in
                try await old.store.enter(alice, as: first, in: dev, secret: secret)
                let lease = try #require(try await redis.owner("alice"))
                try await redis.command("ZADD", "lease:instances", "1", lease)
                let claimed = try await new.store.enter(
                    alice, as: second, secret: .random(), presenting: .random())
                #expect(claimed.predecessor == nil)
                #expect(claimed.rooms.map(\.name) == [.global])
                #expect(new.observer.departures == ["alice@dev"])
                // The old one finds its lease condemned.
                let error = await #expect(throws: ChatError.self) {
                    try await old.store.move(first, leaving: [dev], entering: .global)
                }
                #expect(error?.code == .usernameTaken)
                #expect(old.observer.lost == [first])
            }
        }

        @Test func `of two successors on two instances the later one has the name, and the earlier one hears`()
            async throws
        {
            try await withTwo { redis, old, new in
                try await succeed(old, new)
                let claimed = try await old.store.enter(alice, as: third, presenting: secret)
                #expect(claimed.predecessor == second)
                new.store.wakeup.ring()
                try await eventuallyPresent("the second hears") { new.observer.lost == [second] }
                old.store.wakeup.ring()
                try await eventuallyPresent("the first hears") { old.observer.lost == [first] }
                #expect(try await old.store.move(third, leaving: [.global], entering: nil).members == [.global: 0])
                #expect(try await new.store.roomLines() == ["dev: 1"])
            }
        }

        @Test func `a settlement keeps the latest of an instance's own sessions of one client`() async throws {
            try await withTwo { redis, old, new in
                try await succeed(old, new)
                try await old.store.enter(alice, as: third, presenting: secret)
                try await old.store.move(third, leaving: [.global], entering: nil)
                // Neither has heard of the other, and Redis has forgotten both.
                try await redis.command("FLUSHALL")
                try await old.settleAnew()
                #expect(old.observer.lost == [first])
                #expect(try await old.store.roomLines() == ["dev: 1"])
                try await new.settleAnew()
                #expect(new.observer.lost == [second])
                #expect(
                    try await old.store.move(third, leaving: [dev], entering: .global).members == [dev: 0, .global: 1])
            }
        }

        @Test func `scripts that Redis has forgotten are not missed`() async throws {
            try await withTwo { redis, old, new in
                try await old.store.enter(alice, as: first, secret: secret)
                try await redis.command("SCRIPT", "FLUSH")
                let claimed = try await new.store.enter(alice, as: second, presenting: secret)
                #expect(claimed.predecessor == first)
                try await redis.command("SCRIPT", "FLUSH")
                #expect(
                    try await new.store.move(second, leaving: [.global], entering: dev).members == [.global: 0, dev: 1])
            }
        }

        @Test func `a user of an original server is nobody's predecessor`() async throws {
            try await withTwo { redis, _, new in
                try await redis.command("SADD", "active_users", "alice")
                let error = await #expect(throws: ChatError.self) {
                    try await new.store.enter(alice, secret: secret, presenting: secret)
                }
                #expect(error?.code == .usernameTaken)
                #expect(try await new.store.contains(alice) == true)
            }
        }

        @Test func `Redis never holds a secret`() async throws {
            try await withTwo { redis, old, new in
                try await succeed(old, new)
                for (key, values) in try await redis.snapshot() {
                    #expect(!key.contains(secret.text))
                    #expect(values.allSatisfy { !$0.contains(secret.text) })
                }
            }
        }
    }
}

extension PresenceInstance {
    /// Settles under a new lease, as after a lost connection.
    func settleAnew() async throws {
        store.detach()
        try await store.waitUntilReady(within: .seconds(10))
    }
}
