import Domain
import Testing

@testable import Service

struct UserRatesTests {
    private let now = ContinuousClock.now
    private let alice: Username
    private let bob: Username

    init() throws {
        alice = try Username("alice")
        bob = try Username("bob")
    }

    private func rates(_ messages: Int = 3, users: Int = 1000) throws -> UserRates {
        UserRates(try #require(RateLimit(messages: messages, window: .seconds(10))), maximumUsers: users)
    }

    @Test func `what was accepted is told once, what was refused never`() throws {
        let rates = try rates()
        rates.share(true)
        for _ in 0..<5 { _ = rates.take(alice, now: now) }
        _ = rates.take(bob, now: now)
        #expect(rates.takeUntold().sorted { $0.user < $1.user } == [UserSends(alice, 3), UserSends(bob, 1)])
        #expect(rates.takeUntold().isEmpty)
        rates.add([UserSends(bob, 1)], now: now)
        #expect(rates.takeUntold().isEmpty)
    }

    @Test func `nothing is gathered while there are no others`() throws {
        let rates = try rates()
        _ = rates.take(alice, now: now)
        #expect(rates.takeUntold().isEmpty)
        rates.share(true)
        _ = rates.take(alice, now: now)
        rates.share(false)
        _ = rates.take(alice, now: now)
        #expect(rates.takeUntold() == [UserSends(alice, 1)])
    }

    @Test func `each batch is signalled, and a later one again`() async throws {
        let rates = try rates(100)
        rates.share(true)
        var signals = rates.signals.makeAsyncIterator()
        for _ in 0..<3 {
            for _ in 0..<5 { _ = rates.take(alice, now: now) }
            _ = await signals.next()
            #expect(rates.takeUntold() == [UserSends(alice, 5)])
        }
    }

    @Test func `nothing is lost or told twice while many send`() async throws {
        let rates = try rates(1_000_000)
        rates.share(true)
        let users = try (0..<100).map { try Username("user\($0)") }
        let senders = 4
        let told = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<senders {
                group.addTask {
                    for _ in 0..<50 { for user in users { _ = rates.take(user, now: now) } }
                    return rates.takeUntold().reduce(0) { $0 + $1.count }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(told == senders * 50 * users.count)
        #expect(rates.takeUntold().isEmpty)
    }

    @Test func `the users are bounded, and forgotten after a window`() throws {
        let rates = try rates(users: 160)
        for number in 0..<10_000 { _ = rates.take(try Username("user\(number)"), now: now) }
        #expect(rates.count == 160)
        rates.forget(now: now + .seconds(4))
        #expect(rates.count == 0)
    }
}
