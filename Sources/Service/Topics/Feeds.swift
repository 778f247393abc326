import Domain

/// The active topics of this instance, and which of them somebody has to look after.
final class Feeds: Sendable {
    /// What is known of all topics of a kind together.
    private struct Progress {
        /// The newest entry seen, of any topic.
        var newest = SequenceNumber.zero
        /// The newest entry seen when the connection was lost, until it is back.
        var lostAfter: SequenceNumber?
        /// All topics may have missed entries beyond this one.
        var interruptedAfter: SequenceNumber?
    }

    private struct State {
        var feeds: [Topic: Feed] = [:]
        /// Topics whose tracker wants something of the log.
        var urgent: Set<Topic> = []
        /// Topics with entries since their head was last compared with the log's.
        var unchecked: Set<Topic> = []
        var progress: [Topic.Kind: Progress] = [:]
    }

    private let state = OrderedMutex(State(), rank: .feeds)
    let budget: WindowBudget
    private let now: @Sendable () -> ContinuousClock.Instant
    private let mayWaitHere: @Sendable () -> Bool
    /// Yields when somebody has to look after the topics. One token is enough: who gets it looks at everything.
    let attention: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - now: the time, for measuring how long a hole holds back what comes.
    ///   - mayWaitHere: see ``BlockingThreads/mayWaitHere``.
    init(
        budget: WindowBudget, now: @escaping @Sendable () -> ContinuousClock.Instant,
        mayWaitHere: @escaping @Sendable () -> Bool = { true }
    ) {
        self.budget = budget
        self.now = now
        self.mayWaitHere = mayWaitHere
        (attention, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Has somebody look after the topics, soon.
    func wake() { wakeup.yield() }

    func open(_ topic: Topic) {
        let feed = Feed(topic, budget: budget, now: now, mayWaitHere: mayWaitHere)
        state.withLock { state in
            state.feeds[topic] = feed
            state.urgent.insert(topic)
        }
    }

    func close(_ topic: Topic) {
        // Kept until the lock is free again: a feed that ends takes its own lock.
        let closed = state.withLock { state in
            state.urgent.remove(topic)
            state.unchecked.remove(topic)
            return state.feeds.removeValue(forKey: topic)
        }
        withExtendedLifetime(closed) {}
    }

    /// The feed of an active topic, for an entry that came in live.
    func feed(for entry: Entry) -> Feed? {
        state.withLock { state in
            let kind = entry.topic.kind
            state.progress[kind, default: Progress()].newest = max(
                state.progress[kind]?.newest ?? .zero, entry.sequence)
            return state.feeds[entry.topic]
        }
    }

    func feed(_ topic: Topic) -> Feed? { state.withLock { $0.feeds[topic] } }

    func all(_ kind: Topic.Kind) -> [Feed] {
        state.withLock { $0.feeds.values.filter { $0.topic.kind == kind } }
    }

    func markUrgent(_ topic: Topic) {
        state.withLock { state in
            if state.feeds[topic] != nil { state.urgent.insert(topic) }
        }
    }

    func markUnchecked(_ topic: Topic) {
        state.withLock { state in
            if state.feeds[topic] != nil { state.unchecked.insert(topic) }
        }
    }

    /// The connection was lost: what comes after the newest entry seen may be missed.
    func markLost() {
        update { progress in
            progress.lostAfter = min(progress.lostAfter ?? progress.newest, progress.newest)
        }
    }

    /// The connection is back.
    func markInterrupted() {
        update { progress in
            let after = progress.lostAfter ?? progress.newest
            progress.interruptedAfter = min(progress.interruptedAfter ?? after, after)
            progress.lostAfter = nil
        }
    }

    private func update(_ change: (inout Progress) -> Void) {
        state.withLock { state in
            for kind in Topic.Kind.allCases { change(&state.progress[kind, default: Progress()]) }
        }
    }

    /// A read of all topics has failed: it is still to be done.
    func markInterrupted(_ kind: Topic.Kind, after: SequenceNumber) {
        state.withLock { state in
            let known = state.progress[kind]?.interruptedAfter ?? after
            state.progress[kind, default: Progress()].interruptedAfter = min(known, after)
        }
    }

    /// Another log: what was seen of the old one says nothing. - Returns: all its feeds, to be begun anew.
    func renew(_ kind: Topic.Kind) -> [Feed] {
        state.withLock { state in
            let feeds = state.feeds.values.filter { $0.topic.kind == kind }
            for feed in feeds {
                state.urgent.insert(feed.topic)
                state.unchecked.remove(feed.topic)
            }
            state.progress[kind] = Progress()
            return feeds
        }
    }

    /// Takes what is to be looked after now.
    func takeUrgent() -> (topics: Set<Topic>, interruptions: [Topic.Kind: SequenceNumber]) {
        state.withLock { state in
            let interruptions = state.progress.compactMapValues(\.interruptedAfter)
            for kind in interruptions.keys { state.progress[kind]?.interruptedAfter = nil }
            defer { state.urgent = [] }
            return (state.urgent, interruptions)
        }
    }

    func takeUnchecked() -> Set<Topic> {
        state.withLock { state in
            defer { state.unchecked = [] }
            return state.unchecked
        }
    }
}
