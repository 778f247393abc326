import Domain
import InfrastructurePresence
import Service
import Synchronization
import Testing

@testable import InfrastructureRedis

extension Integration {
    /// A name that was taken over stays with the successor, whatever Redis forgets and in whatever order its instances settle;
    /// unless nobody can say that it was taken over: then the predecessor has it again.
    @Suite("Succession while Redis is away, and afterwards", .serialized)
    struct PresenceSuccessionOutageTests {
        enum Order: CaseIterable { case oldFirst, newFirst }

        private let alice: Username
        private let dev: RoomName
        private let secret = SessionSecret.random()
        private let first = SessionID("first")
        private let second = SessionID("second")

        init() throws {
            alice = try Username("alice")
            dev = try RoomName("dev")
        }

        /// Alice's session on `old`, in global and dev.
        private func begin(_ old: PresenceInstance) async throws {
            try await old.store.enter(alice, as: first, secret: secret)
            try await old.store.move(first, leaving: [], entering: dev)
        }

        /// Its successor on `new`, which leaves dev.
        private func succeed(_ new: PresenceInstance) async throws {
            let claimed = try await new.store.enter(alice, as: second, presenting: secret)
            #expect(claimed.predecessor == first)
            try await new.store.move(second, leaving: [dev], entering: nil)
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

        private func expectSuccessor(_ redis: PresenceRedis, _ old: PresenceInstance, _ new: PresenceInstance)
            async throws
        {
            try await eventuallyPresent("the predecessor hears") { old.observer.lost == [first] }
            #expect(try await redis.members("active_users") == ["alice"])
            #expect(try await redis.members("all_rooms") == ["global"])
            #expect(try await new.store.move(second, leaving: [], entering: dev).members == [dev: 1])
            #expect(new.observer.lost == [])
            #expect(old.observer.departures == [] && new.observer.departures == [])
        }

        @Test(arguments: Order.allCases)
        func `settlements leave the name to the successor`(_ order: Order) async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                try await succeed(new)
                for instance in order == .oldFirst ? [old, new] : [new, old] { try await instance.settleAnew() }
                try await expectSuccessor(redis, old, new)
            }
        }

        @Test(arguments: Order.allCases)
        func `a Redis that forgot everything is filled with the successor`(_ order: Order) async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                try await succeed(new)
                try await redis.command("FLUSHALL")
                for instance in order == .oldFirst ? [old, new] : [new, old] { try await instance.settleAnew() }
                old.store.wakeup.ring()
                try await expectSuccessor(redis, old, new)
            }
        }

        @Test func `a Redis that comes back with the predecessor is brought up to date`() async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                try await redis.command("SAVE")
                try await succeed(new)
                redis.stop()
                try await eventuallyPresent("the loss is noticed") {
                    !old.store.isReachable && !new.store.isReachable
                }
                try redis.start()
                for instance in [old, new] { try await instance.store.waitUntilReady(within: .seconds(10)) }
                old.store.wakeup.ring()
                try await expectSuccessor(redis, old, new)
            }
        }

        @Test(arguments: [false, true])
        func `a predecessor does not come back when its successor has left`(isReaped: Bool) async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                let lease = try #require(try await redis.owner("alice"))
                try await succeed(new)
                await new.store.release(second)
                if isReaped {
                    try await redis.command("ZADD", "lease:instances", "1", lease)
                    new.store.wakeup.ring()
                    try await eventuallyPresent("it is reaped") { try await !redis.leases().contains(lease) }
                }
                try await old.settleAnew()
                #expect(old.observer.lost == [first])
                #expect(try await new.store.names() == [])
                #expect(try await new.store.roomLines() == [])
                #expect(old.observer.departures == [] && new.observer.departures == [])
            }
        }

        /// Where the note of the succession is gone, what the successor has left says it as well.
        @Test(arguments: [false, true])
        func `a predecessor does not come back when its successor's instance is dead`(isForgotten: Bool) async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                let note = "lease:succeeded:\(try #require(try await redis.owner("alice")))"
                try await succeed(new)
                await new.kill()
                let lease = try #require(try await redis.owner("alice"))
                try await redis.command("ZADD", "lease:instances", "1", lease)
                if isForgotten { #expect(try await redis.command("DEL", note) == .integer(1)) }
                try await old.settleAnew()
                #expect(old.observer.lost == [first])
                try await eventuallyPresent("the dead are reaped") { old.observer.departures == ["alice@global"] }
                #expect(try await old.store.names() == [])
            }
        }

        @Test func `a succession of which nobody heard is undone`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.withQuiet(redis) { old in
                    try await PresenceInstance.with(
                        redis.url, lifetime: .seconds(60), timeout: .milliseconds(300)
                    ) { new in
                        try await begin(old)
                        let before = try await redis.snapshot(without: "lease:instances")
                        redis.freeze()
                        let error = await #expect(throws: ChatError.self) {
                            try await new.store.enter(alice, as: second, presenting: secret)
                        }
                        #expect(error?.code == .unavailable)
                        // The command is in a socket of Redis's and will be carried out, early or late.
                        redis.thaw()
                        try await new.store.waitUntilReady(within: .seconds(10))
                        try await old.store.waitUntilReady(within: .seconds(10))
                        #expect(try await redis.snapshot(without: "lease:instances") == before)
                        #expect(try await old.store.move(first, leaving: [dev], entering: nil).members == [dev: 0])
                        #expect(old.observer.lost == [])
                        try await succeed(new)
                    }
                }
            }
        }

        /// What settlements do about a claim whose answer nobody has seen. Scripts are run as an instance would that has lost
        /// the answer.
        @Test func `a name is given back once to the session that it was taken from`() async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                let before = try await redis.snapshot()
                try await redis.claimUnheard(on: new, alice, second, secret)
                #expect(try await redis.snapshot() != before)
                try await redis.undo(second, on: new)
                #expect(
                    try await redis.snapshot(without: "lease:instances")
                        == before.filter { $0.key != "lease:instances" })
                #expect(try await old.store.move(first, leaving: [dev], entering: nil).members == [dev: 0])
                #expect(old.observer.lost == [])
            }
        }

        @Test func `a name that cannot be given back is free, and its rooms hear of it`() async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                try await redis.claimUnheard(on: new, alice, second, secret)
                // The predecessor hears of it too early.
                old.store.wakeup.ring()
                try await eventuallyPresent("it hears") { old.observer.lost == [first] }
                try await eventuallyPresent("it need not hear again") {
                    try await redis.keys().allSatisfy { !$0.hasPrefix("lease:succeeded:") }
                }
                try await redis.undo(second, on: new)
                #expect(try await redis.members("active_users") == [])
                #expect(try await redis.members("all_rooms") == [])
                let notices = try await redis.command("HVALS", "lease:notices").texts()
                #expect(
                    notices.map { $0.split(separator: " ").suffix(3).joined(separator: " ") } == [
                        "alice global 0", "alice dev 0",
                    ])
            }
        }

        @Test func `a released successor is not given back to its predecessor`() async throws {
            try await withTwo { redis, old, new in
                try await begin(old)
                try await redis.claimUnheard(on: new, alice, second, secret)
                // Nothing to undo: the claim was heard, and the session wants to be gone.
                try await redis.undo(nil, on: new)
                #expect(try await redis.members("active_users") == [])
                try await old.settleAnew()
                #expect(old.observer.lost == [first])
                #expect(try await redis.keys() == ["lease:instances", "lease:pulse"])
            }
        }
    }
}

extension PresenceRedis {
    /// Succeeds a session under the instance's lease, without its knowing.
    fileprivate func claimUnheard(
        on instance: PresenceInstance, _ username: Username, _ session: SessionID, _ secret: SessionSecret
    ) async throws {
        let lease = try #require(instance.store.state.withLock { $0.ledger.lease })
        let arguments = [lease, username.text, session.text, "", secret.text, "", "global", "0"]
        let reply = try await instance.store.evaluate(PresenceScripts.claim, arguments).elements()
        #expect(reply.first == .string("OK"))
    }

    /// Settles as the instance would, with nothing wanted.
    fileprivate func undo(_ claim: SessionID?, on instance: PresenceInstance) async throws {
        let lease = try #require(instance.store.state.withLock { $0.ledger.lease })
        _ = try await instance.store.evaluate(PresenceScripts.register, ["fresh", "60000", "20000", "1"])
        let claims = claim.map { ["1", $0.text] } ?? ["0"]
        let reply = try await instance.store.evaluate(
            PresenceScripts.restore, ["fresh", "0", "1", lease] + claims + ["0", "0"])
        #expect(try reply.elements().first == .string("OK"))
    }

    fileprivate func snapshot(without key: String) async throws -> [String: [String]] {
        try await snapshot().filter { $0.key != key }
    }
}
