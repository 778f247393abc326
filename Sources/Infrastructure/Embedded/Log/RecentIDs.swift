import DequeModule
import Domain

/// The ids of the last two minutes, by which a retry is known as a retry: a pure value.
struct RecentIDs {
    /// As with JetStream.
    static let window = Duration.seconds(120)
    /// How many are known at the most, at about 100 bytes each: beyond 17,000 messages a second for two minutes on end the
    /// oldest are forgotten early.
    static let maximumCount = 2_000_000

    /// 128 bits in place of the texts. They depend on a secret of this process, so nobody can look for two messages
    /// that share them.
    struct Key: Hashable {
        private let low: Int
        private let high: Int

        init(topic: Topic, sender: String, recipient: String?, id: String) {
            func digest(_ salt: Int) -> Int {
                var hasher = Hasher()
                hasher.combine(salt)
                hasher.combine(topic)
                hasher.combine(ExactText(sender))
                hasher.combine(recipient.map(ExactText.init))
                hasher.combine(ExactText(id))
                return hasher.finalize()
            }
            low = digest(0)
            high = digest(1)
        }
    }

    private var known: [Key: UInt64] = [:]
    private var order: Deque<(key: Key, instant: ContinuousClock.Instant)> = []

    /// - Returns: the number under which the message was stored.
    subscript(key: Key) -> UInt64? { known[key] }

    /// - Parameter instant: when it was stored; never before that of an earlier call.
    mutating func insert(_ key: Key, _ sequence: UInt64, at instant: ContinuousClock.Instant) {
        if order.count >= Self.maximumCount { forgetOldest() }
        known[key] = sequence
        order.append((key, instant))
    }

    mutating func forget(now: ContinuousClock.Instant) {
        let limit = now.advanced(by: .zero - Self.window)
        while let oldest = order.first, oldest.instant < limit { forgetOldest() }
    }

    private mutating func forgetOldest() {
        if let oldest = order.popFirst() { known[oldest.key] = nil }
    }
}
