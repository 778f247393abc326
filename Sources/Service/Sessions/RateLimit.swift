/// How many messages a session may send: `messages` in a burst, refilled evenly over `window`.
public struct RateLimit: Equatable, Sendable {
    public let messages: Int
    public let window: Duration

    /// - Returns: nil where `messages` is zero: no limit.
    public init?(messages: Int, window: Duration) {
        guard messages > 0, window > .zero else { return nil }
        self.messages = messages
        self.window = window
    }
}

/// A token bucket: one token a message.
struct TokenBucket {
    private let limit: RateLimit
    private var tokens: Double
    private var filled: ContinuousClock.Instant

    init(_ limit: RateLimit, now: ContinuousClock.Instant) {
        self.limit = limit
        self.tokens = Double(limit.messages)
        self.filled = now
    }

    /// Takes one token.
    ///
    /// - Returns: nil where there was one, else how long it takes until there is one.
    mutating func take(now: ContinuousClock.Instant) -> Duration? {
        let perMessage = limit.window / limit.messages
        tokens = min(Double(limit.messages), tokens + max(0, (now - filled) / perMessage))
        filled = now
        guard tokens >= 1 else { return perMessage * (1 - tokens) }
        tokens -= 1
        return nil
    }
}
