import Synchronization

/// The locks of the service, in the one order in which they may be taken: while one is held, only later ones.
///
/// What each guards, and what is done under it, stands in docs/architecture.md, “Locks”. The edge's own locks come behind
/// all of these.
enum LockRank: Int, Comparable, Sendable {
    /// Who reads what here (``FollowedTopics``). The bus is told under it, and waits for nobody.
    case interest
    /// The counts of large rooms (``RoomNotices``). Notices are shown under it.
    case merger
    /// One topic's tracker and window (``Feed``). Entries are shown under it, and pages handed over.
    case feed
    /// Which topics are active, and what is to be done for them (``Feeds``).
    case feeds
    /// All others: nothing of ours is called under them.
    case leaf

    static func < (left: LockRank, right: LockRank) -> Bool { left.rawValue < right.rawValue }
}

/// A mutex that knows its place among the others. In debug builds a thread that takes it out of turn, or twice, stops the
/// process; release builds do not look.
struct OrderedMutex<Value: Sendable>: ~Copyable, Sendable {
    private let mutex: Mutex<Value>
    private let rank: LockRank

    init(_ value: Value, rank: LockRank = .leaf) {
        mutex = Mutex(value)
        self.rank = rank
    }

    borrowing func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        #if DEBUG
            try HeldLock.taking(rank) { () throws(Failure) in
                try mutex.withLock { value throws(Failure) in try body(&value) }
            }
        #else
            try mutex.withLock { value throws(Failure) in try body(&value) }
        #endif
    }
}

#if DEBUG
    /// The innermost lock that the caller holds. A task-local value, since what runs under a lock never suspends; threads
    /// that run no task have one as well.
    private enum HeldLock {
        @TaskLocal static var rank: LockRank?

        static func taking<Value, Failure: Error>(
            _ taken: LockRank, _ body: () throws(Failure) -> Value
        ) throws(Failure) -> Value {
            if let held = rank { assert(held < taken, "the lock \(taken) is taken while \(held) is held") }
            let result: Result<Value, Failure> = $rank.withValue(taken) {
                Result { () throws(Failure) in try body() }
            }
            return try result.get()
        }
    }
#endif
