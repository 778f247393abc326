import CoreMetrics
import Domain
import Logging
import Synchronization

/// From the bus to the readers' screens, with nothing missing, nothing twice and everything in order.
extension ChatService {
    /// Called on threads of the bus.
    func receive(_ event: BusEvent) {
        switch event {
        case .entry(let entry):
            receive(entry)
        case .announcement(.membership(let notice)):
            receive(notice)
        case .announcement(.typing(let notice)):
            delivery.deliver(.notice(.typing(notice)), except: connection(of: notice.username, notice.session))
        case .announcement(.succession(let session)):
            endSucceeded(session)
        case .lost:
            feeds.markLost()
        case .interrupted:
            feeds.markInterrupted()
            attention.continuation.yield()
        case .renewed(let kind, let after):
            beginAnew(kind, after: after)
        case .dropped(let dropped, of: .topic(let topic)):
            feeds.feed(topic)?.withState { $0.forget(dropped) }
        case .dropped(let dropped, of: .all(let kind)):
            for feed in feeds.all(kind) { feed.withState { $0.forget(dropped) } }
        }
    }

    private func receive(_ entry: Entry) {
        metrics.entriesReceived.increment()
        metrics.passedOver(CollectionOfOne(entry))
        guard let feed = feeds.feed(for: entry) else { return }
        let (needsLog, isNewlyUnchecked) = feed.withState { state in
            let wasUnchecked = state.tracker.hasUncheckedEntries
            let wasFollowing = state.tracker.isFollowing
            show(state.tracker.receive(entry), of: feed, &state)
            if wasFollowing, !state.tracker.isFollowing { metrics.gapsFound.increment() }
            return (state.tracker.step != nil, !wasUnchecked)
        }
        if isNewlyUnchecked { feeds.markUnchecked(entry.topic) }
        if needsLog {
            feeds.markUrgent(entry.topic)
            attention.continuation.yield()
        }
    }

    /// Under the feed's lock.
    private func show(_ outputs: [GapTracker.Output], of feed: Feed, _ state: inout Feed.State) {
        guard !outputs.isEmpty else { return }
        let retained = log.entriesPerTopic(feed.topic.kind)
        let heldBack = state.repairingSince.map { time.monotonic() - $0 } ?? .zero
        for output in outputs {
            state.keep(output, retained: retained)
            switch output {
            case .entry(let entry): deliver(entry, heldBack: heldBack, isLate: false)
            case .late(let entry): deliver(entry, heldBack: .zero, isLate: true)
            case .gap(let after, let before):
                metrics.gapsLost.increment()
                logger.warning("messages are gone from the log before they were shown")
                tellGap(in: feed.topic, after: after, before: before)
            }
        }
    }

    private func tellGap(in topic: Topic, after: SequenceNumber, before: SequenceNumber) {
        switch topic {
        case .room:
            delivery.deliver(.notice(.gap(topic, after: after, before: before)), except: nil)
        case .inbox(let username):
            // Its resume says that something may be missing; there are no words for it here.
            sessions.session(named: username.text)?.connection.end(.mustResume)
        }
    }

    private func deliver(_ entry: Entry, heldBack: Duration, isLate: Bool) {
        let sender: String?
        switch entry.body {
        case .message(let message): sender = message.sender
        case .foreignNotice: sender = nil
        case .unknown, .unreadable: return
        }
        let connection = sender.flatMap(sessions.session(named:))?.connection
        if isLate {
            delivery.deliverLate(.entry(entry), except: connection)
        } else {
            delivery.deliver(.entry(entry), except: connection, heldBack: heldBack)
        }
    }

    // MARK: Asking the log

    /// Times one read of the log, whether it succeeds or not, and counts it.
    func reading<Value>(
        _ body: () async throws(ChatError) -> Value
    ) async throws(ChatError) -> Value {
        metrics.logReads.increment()
        let began = time.monotonic()
        defer { metrics.logReadSeconds.recordNanoseconds(Int64((time.monotonic() - began) / .nanoseconds(1))) }
        return try await body()
    }

    /// Fills holes from the log, compares the heads of topics that have fallen silent, lets go of sessions whose clients
    /// did not come back, and shows large rooms who came and went. Runs until it is cancelled.
    ///
    /// One read at a time, however many topics want one.
    ///
    /// - Parameter interval: a topic that was quiet for so long counts as silent.
    public func follow(checkingSilenceEvery interval: Duration = .seconds(1)) async {
        await withTaskGroup { group in
            group.addTask {
                for await _ in self.attention.stream { await self.lookAfterTopics() }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    await self.compareSilentTopics()
                    self.attention.continuation.yield()  // for what was put off
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    await self.releaseDetached()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.mergingInterval)
                    self.showMergedNotices()
                }
            }
        }
    }

    /// Reads a stretch of one topic's log, and times that.
    func readPage(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        let page = try await reading { () async throws(ChatError) in
            try await log.page(of: topic, range, limit: limit)
        }
        metrics.passedOver(page.entries)
        return page
    }

    private func lookAfterTopics() async {
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
        try? await Task.sleep(for: .milliseconds(500))
        attention.continuation.yield()
    }

    /// Entries that came in meanwhile may have shown another hole; a log that lags behind is given time.
    private func feedNeedsMore(_ feed: Feed) {
        let (needsLog, fruitlessReads) = feed.withState { ($0.tracker.step != nil, $0.tracker.fruitlessReads) }
        guard needsLog else { return }
        feeds.markUrgent(feed.topic)
        if fruitlessReads < 2 { attention.continuation.yield() }
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
            _ = try await log.verifyEpoch(of: kind)
            let topics = doubted
            // More than a page for each, and reading them one by one is cheaper than reading everybody's.
            let maximum = min(log.entriesPerTopic(kind), max(1000, 100 * doubted.count))
            let from = start
            let end = try await reading { () async throws(ChatError) in
                try await log.readAll(kind, after: from, atMost: UInt64(maximum)) { [self] entries in
                    metrics.passedOver(entries)
                    for entry in entries {
                        if let (feed, generation) = topics[entry.topic] { take([entry], of: feed, generation) }
                    }
                }
            }
            guard let end else {
                // So much was stored that a topic may have dropped what it missed, or that most of it is not theirs. Each is
                // read by itself: a page tells whether anything before it is gone.
                for topic in doubted.keys { feeds.markUrgent(topic) }
                attention.continuation.yield()
                return
            }
            for (feed, generation) in doubted.values { endRead(of: feed, generation, at: end) }
        } catch {
            // Each doubted topic waits for a read of its own now.
            for topic in doubted.keys { feeds.markUrgent(topic) }
            throw error
        }
    }

    /// The log is another one, or was put back to an older state: what stands beyond `sequence` is new.
    private func beginAnew(_ kind: Topic.Kind, after sequence: SequenceNumber) {
        metrics.epochsBegun.increment()
        // First, so that nothing of the new log reaches who counts by the old one.
        delivery.logRenewed(kind)
        for feed in feeds.renew(kind) {
            feed.withState { $0.renew(after: sequence) }
        }
        attention.continuation.yield()
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
                _ = try await log.verifyEpoch(of: feed.topic.kind)
            }
            let (step, generation) = feed.withState { ($0.tracker.step, $0.generation) }
            switch step {
            case nil:
                break
            case .head:
                let head = try await log.head(of: feed.topic)
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
            let page = try await readPage(of: feed.topic, .after(cursor), limit: Window.limit)
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
            show(missed, of: feed, &state)
            return missed.count
        }
        metrics.entriesRecovered.increment(by: count ?? 0)
    }

    private func endRead(of feed: Feed, _ generation: Int, at end: SequenceNumber) {
        feed.withState(of: generation) { state in show(state.tracker.readEnded(at: end), of: feed, &state) }
    }

    private func compareSilentTopics() async {
        for topic in feeds.takeUnchecked() {
            guard let feed = feeds.feed(topic) else { continue }
            let (isDue, generation) = feed.withState { ($0.tracker.tick(), $0.generation) }
            guard isDue else {
                feeds.markUnchecked(topic)
                continue
            }
            do throws(ChatError) {
                let head = try await log.head(of: topic)
                let needsLog = feed.withState(of: generation) { state in
                    state.tracker.headIs(head)
                    return state.tracker.step != nil
                }
                guard needsLog == true else { continue }
                feeds.markUrgent(topic)
                attention.continuation.yield()
            } catch {
                feeds.markUnchecked(topic)
            }
        }
    }
}
