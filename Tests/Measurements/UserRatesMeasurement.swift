import Domain
import Testing

@testable import Service

extension Measurements {
    /// What the rate limit costs per message: figures for people, in docs/decisions/0032-rate-limit-per-user.md.
    @Suite(.serialized)
    struct UserRatesMeasurement {
        private static let messages = 4_000_000

        @Test(arguments: [false, true], [1, 10_000])
        func `nanoseconds per message`(isShared: Bool, users count: Int) throws {
            let limit = try #require(RateLimit(messages: 1_000_000, window: .seconds(1)))
            let rates = UserRates(limit)
            rates.share(isShared)
            let users = try (0..<count).map { try Username("user-\($0)") }
            let start = ContinuousClock.now
            var refused = 0
            for number in 0..<Self.messages {
                if case .refused = rates.take(users[number % count], now: .now) { refused += 1 }
                if number % 1000 == 999 { _ = rates.takeUntold() }
            }
            let time = (ContinuousClock.now - start) / .nanoseconds(Self.messages)
            print("\(count) users, others: \(isShared): \(time.rounded()) ns per message, \(refused) refused")
        }
    }
}
