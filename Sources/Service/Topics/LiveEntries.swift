import CoreMetrics
import Domain

/// What the bus and the log tell of topics as it happens. On their threads, and waits for event loops that are behind.
struct LiveEntries: Sendable {
    let feeds: Feeds
    let display: TopicDisplay
    let metrics: TopicMetrics

    /// Something was stored.
    func receive(_ entry: Entry) {
        metrics.entriesReceived.increment()
        metrics.passedOver(CollectionOfOne(entry))
        guard let feed = feeds.feed(for: entry) else { return }
        let (needsLog, isNewlyUnchecked) = feed.withState { state in
            let wasUnchecked = state.tracker.hasUncheckedEntries
            let wasFollowing = state.tracker.isFollowing
            display.show(state.tracker.receive(entry), of: feed, &state)
            if wasFollowing, !state.tracker.isFollowing { metrics.gapsFound.increment() }
            return (state.tracker.step != nil, !wasUnchecked)
        }
        if isNewlyUnchecked { feeds.markUnchecked(entry.topic) }
        if needsLog {
            feeds.markUrgent(entry.topic)
            feeds.wake()
        }
    }

    /// The log has acknowledged an entry: its live copy must come; if it does not, the log is asked.
    func expect(_ sequence: SequenceNumber, of topic: Topic) {
        guard let feed = feeds.feed(topic) else { return }
        let isNewlyUnchecked = feed.withState { state in
            defer { state.tracker.acknowledged(sequence) }
            return !state.tracker.hasUncheckedEntries
        }
        if isNewlyUnchecked { feeds.markUnchecked(topic) }
    }

    /// The time of the contribution at `sequence`; nil where it is not in memory.
    func timestamp(of sequence: SequenceNumber, in topic: Topic) -> Timestamp? {
        feeds.feed(topic)?.withState { $0.filled?.entry(at: sequence)?.traits?.timestamp }
    }

    /// The connection to the bus is lost: what comes after the newest entry seen may be missed.
    func connectionLost() { feeds.markLost() }

    /// The connection is back, or another leader was elected: entries may have been missed.
    func interrupted() {
        feeds.markInterrupted()
        feeds.wake()
    }

    /// The log is another one, or was put back to an older state: what stands beyond `sequence` is new.
    func beginAnew(_ kind: Topic.Kind, after sequence: SequenceNumber) {
        metrics.epochsBegun.increment()
        // First, so that nothing of the new log reaches who counts by the old one.
        display.delivery.logRenewed(kind)
        for feed in feeds.renew(kind) { feed.withState { $0.renew(after: sequence) } }
        feeds.wake()
    }

    /// The log retains less than before.
    func forget(_ dropped: BusEvent.Dropped, of scope: BusEvent.Scope) {
        switch scope {
        case .topic(let topic): feeds.feed(topic)?.withState { $0.forget(dropped) }
        case .all(let kind): for feed in feeds.all(kind) { feed.withState { $0.forget(dropped) } }
        }
    }
}
