import CoreMetrics
import Domain
import Logging

/// Fills the holes of topics from the log, and looks for those that nothing gives away.
///
/// On the topics' own threads: what it has read it shows, which may wait for event loops that are behind.
struct TopicRepair: Sendable {
    /// How long until a log that could not be read is asked again.
    private static let pause = Duration.milliseconds(500)

    let reads: MeasuredLog
    let feeds: Feeds
    let display: TopicDisplay
    let metrics: TopicMetrics
    let logger: Logger

    /// Reads what is missing of the topics that want it: one read at a time, however many they are. Where the log could not
    /// be read it takes its time, and tries again when it is called next.
    func lookAfterTopics() async {
        let (topics, interruptions) = feeds.takeUrgent()
        var hasFailed = false
        for (kind, after) in interruptions {
            do throws(ChatError) {
                try await recoverAll(kind, after: after)
            } catch {
                hasFailed = true
                feeds.markInterrupted(kind, after: after)
            }
        }
        for topic in topics {
            guard let feed = feeds.feed(topic) else { continue }
            do throws(ChatError) {
                try await lookAfter(feed)
                feedNeedsMore(feed)
            } catch {
                hasFailed = true
                feeds.markUrgent(topic)
            }
        }
        guard hasFailed else { return }
        logger.debug("the log could not be read; trying again")
        try? await Task.sleep(for: Self.pause)
        feeds.wake()
    }

    /// Entries that came in meanwhile may have shown another hole; a log that lags behind is given time.
    private func feedNeedsMore(_ feed: Feed) {
        let (needsLog, fruitlessReads) = feed.withState { ($0.tracker.step != nil, $0.tracker.fruitlessReads) }
        guard needsLog else { return }
        feeds.markUrgent(feed.topic)
        if fruitlessReads < 2 { feeds.wake() }
    }

    /// After an interruption: one read for all topics, from the last entry seen before it.
    private func recoverAll(_ kind: Topic.Kind, after: SequenceNumber) async throws(ChatError) {
        // A topic with entries since its last check may miss one from before the interruption as well.
        var start = after
        var doubted: [Topic: (feed: Feed, generation: Int)] = [:]
        for feed in feeds.all(kind) {
            feed.withState { state in
                let cursor = state.tracker.hasUncheckedEntries ? state.tracker.cursor : after
                guard state.tracker.doubt() else { return }
                start = min(start, cursor)
                doubted[feed.topic] = (feed, state.generation)
            }
        }
        guard !doubted.isEmpty else { return }
        do throws(ChatError) {
            _ = try await reads.log.verifyEpoch(of: kind)
            let topics = doubted
            // More than a page for each, and reading them one by one is cheaper than reading everybody's.
            let maximum = min(reads.log.entriesPerTopic(kind), max(1000, 100 * doubted.count))
            let from = start
            let end = try await reads.readAll(kind, after: from, atMost: UInt64(maximum)) { [self] entries in
                for entry in entries {
                    if let (feed, generation) = topics[entry.topic] { take([entry], of: feed, generation) }
                }
            }
            guard let end else {
                // So much was stored that a topic may have dropped what it missed, or that most of it is not theirs. Each is
                // read by itself: a page tells whether anything before it is gone.
                for topic in doubted.keys { feeds.markUrgent(topic) }
                feeds.wake()
                return
            }
            for (feed, generation) in doubted.values { endRead(of: feed, generation, at: end) }
        } catch {
            // Each doubted topic waits for a read of its own now.
            for topic in doubted.keys { feeds.markUrgent(topic) }
            throw error
        }
    }

    /// Waits until it is known where the log of a topic stood when it became active here: whoever enters before that and is
    /// then cut off from the log would miss what is stored meanwhile, and nobody could tell. While the log cannot be asked
    /// nobody is kept out.
    func awaitStart(of topic: Topic) async {
        guard let feed = feeds.feed(topic), feed.withState({ $0.tracker.isStarting }) else { return }
        do throws(ChatError) {
            try await lookAfter(feed)
        } catch {
            logger.debug("where a topic starts is not known", metadata: ["error": "\(error.code)"])
        }
    }

    /// Asks the log for what the topic's tracker wants, if anything.
    func lookAfter(_ feed: Feed) async throws(ChatError) {
        try await feed.repairing.run { () async throws(ChatError) in
            // Before anything is read: of another log nothing may be shown to those who count by the old one.
            if feed.withState({ $0.tracker.isSuspicious }) {
                _ = try await reads.log.verifyEpoch(of: feed.topic.kind)
            }
            let (step, generation) = feed.withState { ($0.tracker.step, $0.generation) }
            switch step {
            case nil:
                break
            case .head:
                let head = try await reads.log.head(of: feed.topic)
                feed.withState(of: generation) { $0.tracker.headIs(head) }
            case .read(let after):
                try await repair(feed, generation, after: after)
            }
        }
    }

    /// Reads page by page, so that a hole without a bottom costs bounded memory.
    private func repair(_ feed: Feed, _ generation: Int, after: SequenceNumber) async throws(ChatError) {
        var cursor = after
        while true {
            let page = try await reads.page(of: feed.topic, .after(cursor), limit: Window.limit)
            take(page.entries, of: feed, generation, floor: cursor == after ? page.floor : nil)
            guard page.more, let last = page.entries.last?.sequence, last > cursor else {
                return endRead(of: feed, generation, at: max(page.head, cursor))
            }
            cursor = last
        }
    }

    private func take(_ entries: [Entry], of feed: Feed, _ generation: Int, floor: SequenceNumber? = nil) {
        let count = feed.withState(of: generation) { state in
            let missed = state.tracker.read(entries, floor: floor)
            display.show(missed, of: feed, &state)
            return missed.count
        }
        metrics.entriesRecovered.increment(by: count ?? 0)
    }

    private func endRead(of feed: Feed, _ generation: Int, at end: SequenceNumber) {
        feed.withState(of: generation) { state in
            display.show(state.tracker.readEnded(at: end), of: feed, &state)
        }
    }

    /// Compares the heads of topics that have fallen silent since the last call.
    func compareSilentTopics() async {
        for topic in feeds.takeUnchecked() {
            guard let feed = feeds.feed(topic) else { continue }
            let (isDue, generation) = feed.withState { ($0.tracker.tick(), $0.generation) }
            guard isDue else {
                feeds.markUnchecked(topic)
                continue
            }
            do throws(ChatError) {
                let head = try await reads.log.head(of: topic)
                let needsLog = feed.withState(of: generation) { state in
                    state.tracker.headIs(head)
                    return state.tracker.step != nil
                }
                guard needsLog == true else { continue }
                feeds.markUrgent(topic)
                feeds.wake()
            } catch {
                feeds.markUnchecked(topic)
            }
        }
    }
}
