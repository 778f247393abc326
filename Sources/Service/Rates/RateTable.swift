import Domain

/// How much of the rate limit each user has used up. A pure value, bounded in users.
///
/// The table keeps one instant per user: when the user's allowance is whole again. It is the state of a token bucket in
/// one figure (the generic cell rate algorithm): a message moves it on by the time in which one message is refilled. Who
/// is not in the table has used nothing.
struct RateTable {
    enum Outcome: Equatable {
        /// The message may be sent, and is counted.
        case counted
        /// The message may be sent, and is not counted: the table is full of other users.
        case uncounted
        /// The message may not be sent before that time has passed. It is not counted.
        case refused(wait: Duration)
    }

    /// How far users may get beyond their allowance, in windows. They do when they send on several instances within the
    /// moment in which these do not know of each other's messages; they then wait until it is paid back.
    static let maximumDebt = 10

    private let perMessage: Duration
    private let messages: Int
    private let window: Duration
    private let maximumUsers: Int
    private var wholeAt: [Username: ContinuousClock.Instant] = [:]

    init(_ limit: RateLimit, maximumUsers: Int) {
        perMessage = limit.window / limit.messages
        messages = limit.messages
        window = limit.window
        self.maximumUsers = maximumUsers
    }

    /// How many users have used up something, or had when ``forget(now:)`` was called last.
    var count: Int { wholeAt.count }

    /// Counts a message, where the user may send one now.
    mutating func take(_ user: Username, now: ContinuousClock.Instant) -> Outcome {
        guard let index = wholeAt.index(forKey: user) else {
            return insert(user, wholeAt: now + perMessage) ? .counted : .uncounted
        }
        let next = max(wholeAt.values[index], now) + perMessage
        let excess = next - now - window
        guard excess <= .zero else { return .refused(wait: excess) }
        wholeAt.values[index] = next
        return .counted
    }

    /// Counts messages that were sent elsewhere, whether they were allowed or not.
    ///
    /// - Parameter count: what is more than ``maximumDebt`` allows is left out.
    mutating func add(_ count: Int, by user: Username, now: ContinuousClock.Instant) {
        guard count > 0 else { return }
        // Bounded before it is multiplied: it comes from the network.
        let added = perMessage * min(count, messages * (Self.maximumDebt + 1))
        let latest = now + window * (Self.maximumDebt + 1)
        if let index = wholeAt.index(forKey: user) {
            wholeAt.values[index] = min(latest, max(wholeAt.values[index], now) + added)
        } else {
            _ = insert(user, wholeAt: min(latest, now + added))
        }
    }

    /// Forgets the users whose allowance is whole.
    mutating func forget(now: ContinuousClock.Instant) {
        guard wholeAt.contains(where: { $0.value <= now }) else { return }
        // A new table gives back the memory of a busier time.
        wholeAt = wholeAt.filter { $0.value > now }
    }

    private mutating func insert(_ user: Username, wholeAt instant: ContinuousClock.Instant) -> Bool {
        guard wholeAt.count < maximumUsers else { return false }
        wholeAt[user] = instant
        return true
    }
}
