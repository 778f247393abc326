import DequeModule

/// What was sent and not yet answered: bounded, each entry settled exactly once.
///
/// A pure value: the caller locks it, and completes what it hands out after unlocking.
struct PendingRequests<Completion> {
    /// Goes out with the request and comes back with its answer.
    typealias Token = UInt64

    private struct Entry {
        let completion: Completion
        let bytes: Int
    }

    private var entries: [Token: Entry] = [:]
    private var deadlines: Deque<(token: Token, instant: ContinuousClock.Instant)> = []
    private var lastToken: Token = 0
    private var bytes = 0
    private let maximumCount: Int
    private let maximumBytes: Int

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    var count: Int { entries.count }

    /// - Parameter deadline: at which ``expire(now:)`` takes the entry out, or soon after where those before it have later
    ///   ones.
    /// - Returns: nil where there is no room: too much is waiting for NATS already.
    mutating func add(_ completion: Completion, bytes size: Int, deadline: ContinuousClock.Instant) -> Token? {
        guard entries.count < maximumCount, bytes + size <= maximumBytes else { return nil }
        lastToken += 1
        entries[lastToken] = Entry(completion: completion, bytes: size)
        deadlines.append((lastToken, deadline))
        bytes += size
        return lastToken
    }

    /// Takes one entry out; nil where it was settled before.
    mutating func settle(_ token: Token) -> Completion? {
        guard let entry = entries.removeValue(forKey: token) else { return nil }
        bytes -= entry.bytes
        while let first = deadlines.first, entries[first.token] == nil { deadlines.removeFirst() }
        return entry.completion
    }

    /// Takes out, oldest first, what has waited too long.
    mutating func expire(now: ContinuousClock.Instant) -> [Completion] {
        var expired: [Completion] = []
        while let first = deadlines.first, first.instant <= now {
            deadlines.removeFirst()
            if let completion = settle(first.token) { expired.append(completion) }
        }
        return expired
    }

    /// Takes everything out, oldest first.
    mutating func removeAll() -> [Completion] {
        defer {
            entries.removeAll()
            deadlines.removeAll()
            bytes = 0
        }
        return deadlines.compactMap { entries[$0.token]?.completion }
    }
}
