/// How many messages a user may send: `messages` in a burst, refilled evenly over `window`.
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
