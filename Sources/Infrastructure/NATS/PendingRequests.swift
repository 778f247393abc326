import DequeModule

/// What was sent and not yet answered: bounded, each entry settled exactly once.
///
/// A pure value: the caller locks it, and completes what it hands out after unlocking. Answers come in about the order of
/// the requests, so a queue serves as the table. All threads that send and the one that hears the answers take that lock
/// for each message, and with a hash table they waited for it a tenth of the time (docs/performance.md).
struct PendingRequests<Completion> {
    /// Goes out with the request and comes back with its answer.
    typealias Token = UInt64

    private struct Entry {
        /// Nil once it is settled.
        var completion: Completion?
        let bytes: Int
        let deadline: ContinuousClock.Instant
    }

    private(set) var count = 0
    /// The oldest that waits, and all that were sent after it.
    private var entries: Deque<Entry> = []
    /// The oldest one's.
    private var firstToken: Token = 1
    private var bytes = 0
    private let maximumCount: Int
    private let maximumBytes: Int
    /// How many may have been sent after the oldest that waits, before its answer is taken for lost.
    private var maximumSpread: Int { 4 * maximumCount }

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    /// - Parameter deadline: at which ``expire(now:)`` takes the entry out, or soon after where those before it have later
    ///   ones.
    /// - Returns: nil where there is no room: too much is waiting for NATS already.
    mutating func add(_ completion: Completion, bytes size: Int, deadline: ContinuousClock.Instant) -> Token? {
        guard count < maximumCount, bytes + size <= maximumBytes else { return nil }
        entries.append(Entry(completion: completion, bytes: size, deadline: deadline))
        count += 1
        bytes += size
        return firstToken + Token(entries.count) - 1
    }

    /// Takes one entry out; nil where it was settled before.
    mutating func settle(_ token: Token) -> Completion? {
        guard token >= firstToken, let position = Int(exactly: token - firstToken), position < entries.count,
            let completion = entries[position].completion
        else { return nil }
        entries[position].completion = nil
        count -= 1
        bytes -= entries[position].bytes
        while let first = entries.first, first.completion == nil {
            entries.removeFirst()
            firstToken += 1
        }
        return completion
    }

    /// Takes out, oldest first, what has waited too long, or while too many later ones were answered.
    mutating func expire(now: ContinuousClock.Instant) -> [Completion] {
        var expired: [Completion] = []
        while let first = entries.first, first.deadline <= now || entries.count > maximumSpread,
            let completion = settle(firstToken)
        {
            expired.append(completion)
        }
        return expired
    }

    /// Takes everything out, oldest first.
    mutating func removeAll() -> [Completion] {
        defer {
            firstToken += Token(entries.count)
            entries.removeAll()
            count = 0
            bytes = 0
        }
        return entries.compactMap(\.completion)
    }
}
