import Domain
import Testing

@testable import Service

struct RateTableTests {
    private let start = ContinuousClock.now
    private let alice: Username
    private let bob: Username

    init() throws {
        alice = try Username("alice")
        bob = try Username("bob")
    }

    private func table(_ messages: Int, per window: Duration, users: Int = 100) throws -> RateTable {
        RateTable(try #require(RateLimit(messages: messages, window: window)), maximumUsers: users)
    }

    /// Takes until it is refused. - Returns: how many were allowed.
    private func exhaust(_ table: inout RateTable, _ user: Username, now: ContinuousClock.Instant) -> Int {
        var taken = 0
        while table.take(user, now: now) == .counted { taken += 1 }
        return taken
    }

    @Test func `a burst is allowed, and then one has to wait for the next token`() throws {
        var table = try table(5, per: .seconds(10))
        #expect(exhaust(&table, alice, now: start) == 5)
        #expect(table.take(alice, now: start) == .refused(wait: .seconds(2)))
        #expect(table.take(alice, now: start + .milliseconds(500)) == .refused(wait: .milliseconds(1500)))
        #expect(table.take(alice, now: start + .seconds(2)) == .counted)
        #expect(table.take(alice, now: start + .seconds(2)) == .refused(wait: .seconds(2)))
    }

    @Test(arguments: [(1, 1), (3, 10), (7, 1), (100, 10), (1_000_000, 3600)])
    func `the limit is met exactly, also where the window does not divide`(messages: Int, seconds: Int) throws {
        var table = try table(messages, per: .seconds(seconds))
        #expect(exhaust(&table, alice, now: start) == messages)
    }

    @Test func `to be refused costs nothing`() throws {
        var table = try table(1, per: .seconds(10))
        #expect(table.take(alice, now: start) == .counted)
        for second in 1..<10 { #expect(table.take(alice, now: start + .seconds(second)) != .counted) }
        #expect(table.take(alice, now: start + .seconds(10)) == .counted)
    }

    @Test func `users do not share an allowance`() throws {
        var table = try table(2, per: .seconds(10))
        #expect(exhaust(&table, alice, now: start) == 2)
        #expect(exhaust(&table, bob, now: start) == 2)
    }

    @Test func `however long one was silent, no more than a burst is saved up`() throws {
        var table = try table(3, per: .seconds(3))
        #expect(exhaust(&table, alice, now: start) == 3)
        let later = start + .seconds(100_000)
        #expect(exhaust(&table, alice, now: later) == 3)
        #expect(table.take(alice, now: later) == .refused(wait: .seconds(1)))
    }

    @Test func `over a long time exactly the rate comes through`() throws {
        var table = try table(100, per: .seconds(10))
        var taken = 0
        for step in 0..<100_000 where table.take(alice, now: start + .milliseconds(step)) == .counted { taken += 1 }
        #expect((1098...1100).contains(taken))
    }

    @Test func `a clock that stands still or goes back gives nothing`() throws {
        var table = try table(1, per: .seconds(1))
        #expect(table.take(alice, now: start + .seconds(5)) == .counted)
        #expect(table.take(alice, now: start) == .refused(wait: .seconds(6)))
        #expect(table.take(alice, now: start + .seconds(5)) == .refused(wait: .seconds(1)))
    }

    @Test func `what was sent elsewhere counts like what was sent here`() throws {
        var table = try table(5, per: .seconds(10))
        table.add(3, by: alice, now: start)
        #expect(exhaust(&table, alice, now: start) == 2)
        #expect(exhaust(&table, bob, now: start) == 5)
    }

    @Test func `what was sent beyond the limit elsewhere is paid back`() throws {
        var table = try table(5, per: .seconds(10))
        #expect(exhaust(&table, alice, now: start) == 5)
        table.add(5, by: alice, now: start)
        #expect(table.take(alice, now: start) == .refused(wait: .seconds(12)))
        #expect(exhaust(&table, alice, now: start + .seconds(20)) == 5)
    }

    @Test(arguments: [60, 1_000_000, Int.max])
    func `whatever is said to have been sent elsewhere, the debt is bounded`(count: Int) throws {
        var table = try table(5, per: .seconds(10))
        table.add(count, by: alice, now: start)
        table.add(count, by: alice, now: start)
        #expect(table.take(alice, now: start) == .refused(wait: .seconds(102)))
        table.forget(now: start + .seconds(110))
        #expect(table.count == 0)
    }

    @Test(arguments: [0, -1, Int.min]) func `nothing sent elsewhere is nothing`(count: Int) throws {
        var table = try table(5, per: .seconds(10))
        table.add(count, by: alice, now: start)
        #expect(table.count == 0)
    }

    @Test func `who has sent nothing for a window is forgotten, and not before`() throws {
        var table = try table(2, per: .seconds(10))
        #expect(exhaust(&table, alice, now: start) == 2)
        _ = table.take(bob, now: start)
        table.forget(now: start + .milliseconds(4999))
        #expect(table.count == 2)
        table.forget(now: start + .seconds(5))
        #expect(table.count == 1)
        #expect(table.take(alice, now: start + .milliseconds(4999)) != .counted)
        table.forget(now: start + .seconds(10))
        #expect(table.count == 0)
    }

    @Test func `users beyond the bound are let through uncounted, and those within it are limited`() throws {
        var table = try table(1, per: .seconds(10), users: 1)
        #expect(table.take(alice, now: start) == .counted)
        for _ in 0..<3 { #expect(table.take(bob, now: start) == .uncounted) }
        table.add(3, by: bob, now: start)
        #expect(table.count == 1)
        #expect(table.take(alice, now: start) == .refused(wait: .seconds(10)))
        table.forget(now: start + .seconds(10))
        #expect(table.take(bob, now: start + .seconds(10)) == .counted)
    }

    @Test(arguments: [(0, 10), (-1, 10), (10, 0), (10, -1)])
    func `a limit of nothing is no limit`(messages: Int, seconds: Int) {
        #expect(RateLimit(messages: messages, window: .seconds(seconds)) == nil)
    }
}
