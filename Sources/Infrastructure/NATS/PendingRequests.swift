import DequeModule

/// Requests that were sent and not answered yet: bounded, each settled exactly once.
///
/// A pure value: the caller locks it, and calls the completions after unlocking. Answers come in about the order of the
/// requests, so a queue serves as the table. All sending threads and the thread that receives the answers take that
/// lock for each message; with a hash table they waited for it a tenth of the time (docs/performance.md).
struct PendingRequests<Completion> {
    /// Sent with the request, and returned with its answer.
    typealias Token = UInt64

    private struct Entry {
        /// Nil once it is settled.
        var completion: Completion?
        let bytes: Int
        let deadline: ContinuousClock.Instant
    }

    private(set) var count = 0
    /// The oldest pending request, and all that were sent after it.
    private var entries: Deque<Entry> = []
    /// The token of the first entry.
    private var firstToken: Token = 1
    private var bytes = 0
    private let maximumCount: Int
    private let maximumBytes: Int
    /// How many requests may be sent after the oldest pending one, before its answer counts as lost.
    private var maximumSpread: Int { 4 * maximumCount }

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    /// - Parameter deadline: when ``expire(now:)`` takes the entry out. It may be a little later, if entries before it
    ///   have later deadlines.
    /// - Returns: nil if there is no room, because too much waits for NATS already.
    mutating func add(_ completion: Completion, bytes size: Int, deadline: ContinuousClock.Instant) -> Token? {
        guard count < maximumCount, bytes + size <= maximumBytes else { return nil }
        entries.append(Entry(completion: completion, bytes: size, deadline: deadline))
        count += 1
        bytes += size
        return firstToken + Token(entries.count) - 1
    }

    /// Takes one entry out; nil if it was settled before.
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

    /// Takes out, oldest first, the entries whose deadline has passed, or that were left behind while too many later
    /// ones were answered.
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
