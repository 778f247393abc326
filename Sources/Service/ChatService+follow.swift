import CoreMetrics
import Domain
import Logging
import Synchronization

/// From the bus to the members' screens, with nothing missing, nothing twice and everything in order.
extension ChatService {
    /// Called on threads of the bus.
    func receive(_ event: BusEvent) {
        switch event {
        case .entry(let entry):
            receive(entry)
        case .notice(let notice):
            receive(notice)
        case .lost:
            feeds.markLost()
        case .interrupted:
            feeds.markInterrupted()
            attention.continuation.yield()
        case .renewed:
            beginAnew(after: .zero)
        }
    }

    func receive(_ notice: MembershipNotice) {
        guard recentNotices.withLock({ $0.insert(notice.id) }) else { return }
        // Who comes has been told, see ClientConnection.enter(_:showing:), and who goes is not; nor is anyone told that
        // a dead session of the same name, which they have succeeded, has left.
        let session = sessions.session(named: notice.username.text)
        let isOwn = session != nil && (notice.session == nil || notice.session == session?.id)
        delivery.deliver(.membership(notice), except: isOwn ? session?.connection : nil)
    }

    private func receive(_ entry: LogEntry) {
        metrics.entriesReceived.increment()
        guard let feed = feeds.feed(for: entry) else { return }
        let (needsLog, isNewlyUnchecked) = feed.tracker.withLock { tracker in
            let wasUnchecked = tracker.hasUncheckedEntries
            show(tracker.receive(entry))
            return (tracker.step != nil, !wasUnchecked)
        }
        if isNewlyUnchecked { feeds.markUnchecked(entry.room) }
        if needsLog {
            feeds.markUrgent(entry.room)
            attention.continuation.yield()
        }
    }

    private func show(_ entries: [LogEntry]) {
        for case let event? in entries.lazy.map(\.event) {
            if case .message(let message) = event {
                delivery.deliver(event, except: sessions.session(named: message.sender)?.connection)
            } else {
                delivery.deliver(event, except: nil)
            }
        }
    }

    // MARK: Asking the log

    /// Fills holes from the log, and compares the heads of rooms that have fallen silent. Runs until it is cancelled.
    ///
    /// One read at a time, however many rooms want one.
    ///
    /// - Parameter interval: a room that was quiet for so long counts as silent.
    public func follow(checkingSilenceEvery interval: Duration = .seconds(1)) async {
        await withTaskGroup { group in
            group.addTask {
                for await _ in self.attention.stream { await self.lookAfterRooms() }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    await self.compareSilentRooms()
                    self.attention.continuation.yield()  // for what was put off
                }
            }
        }
    }

    private func lookAfterRooms() async {
        let (rooms, interruptedAfter) = feeds.takeUrgent()
        var hasFailed = false
        if let interruptedAfter {
            do throws(ChatError) {
                try await recoverAll(after: interruptedAfter)
            } catch {
                hasFailed = true
                feeds.markInterrupted(after: interruptedAfter)
            }
        }
        for room in rooms {
            do throws(ChatError) {
                try await lookAfter(room)
            } catch {
                hasFailed = true
                feeds.markUrgent(room)
            }
        }
        guard hasFailed else { return }
        logger.debug("the log could not be read; trying again")
        try? await Task.sleep(for: .milliseconds(500))
        attention.continuation.yield()
    }

    /// After an interruption: one read for all rooms, from the last entry seen before it.
    private func recoverAll(after: SequenceNumber) async throws(ChatError) {
        // A room with entries since its last check may miss one from before the interruption as well.
        var start = after
        var doubted: [RoomName: RoomFeeds.Feed] = [:]
        for feed in feeds.all() {
            feed.tracker.withLock { tracker in
                let cursor = tracker.hasUncheckedEntries ? tracker.cursor : after
                guard tracker.doubt() else { return }
                start = min(start, cursor)
                doubted[feed.room] = feed
            }
        }
        do throws(ChatError) {
            metrics.logReads.increment()
            let rooms = doubted
            let end = try await log.read(nil, after: start) { [self] entries in
                for entry in entries {
                    if let feed = rooms[entry.room] { take([entry], of: feed) }
                }
            }
            guard end >= after else {
                // The log ends before what was seen of it: it was put back to an older state, and counts anew from there.
                logger.warning("the log has gone back; rooms begin anew")
                return beginAnew(after: end)
            }
            for feed in doubted.values { endRead(of: feed, at: end) }
        } catch {
            // Each doubted room waits for a read of its own now.
            for room in doubted.keys { feeds.markUrgent(room) }
            throw error
        }
    }

    /// The log is another one, or ends before what was seen of it: what stands beyond `sequence` is new.
    private func beginAnew(after sequence: SequenceNumber) {
        for feed in feeds.renew() { feed.tracker.withLock { $0.renew(after: sequence) } }
        attention.continuation.yield()
    }

    private func lookAfter(_ room: RoomName) async throws(ChatError) {
        guard let feed = feeds.feed(room), let step = feed.tracker.withLock({ $0.step }) else { return }
        switch step {
        case .head:
            let head = try await log.head(of: room)
            feed.tracker.withLock { $0.headIs(head) }
        case .read(let after):
            metrics.logReads.increment()
            let end = try await log.read(room, after: after) { [self] in take($0, of: feed) }
            endRead(of: feed, at: end)
        }
        // Entries that came in meanwhile may have shown another hole; a log that lags behind is given time.
        let (needsLog, fruitlessReads) = feed.tracker.withLock { ($0.step != nil, $0.fruitlessReads) }
        guard needsLog else { return }
        feeds.markUrgent(room)
        if fruitlessReads < 2 { attention.continuation.yield() }
    }

    private func take(_ entries: [LogEntry], of feed: RoomFeeds.Feed) {
        let count = feed.tracker.withLock { tracker in
            let missed = tracker.read(entries)
            show(missed)
            return missed.count
        }
        metrics.entriesRecovered.increment(by: count)
    }

    private func endRead(of feed: RoomFeeds.Feed, at end: SequenceNumber) {
        let isLost = feed.tracker.withLock { tracker in
            let (waiting, isLost) = tracker.readEnded(at: end)
            show(waiting)
            return isLost
        }
        guard isLost else { return }
        metrics.gapsLost.increment()
        logger.warning("messages of a room are gone from the log before they were shown")
    }

    private func compareSilentRooms() async {
        for room in feeds.takeUnchecked() {
            guard let feed = feeds.feed(room) else { continue }
            guard feed.tracker.withLock({ $0.tick() }) else {
                feeds.markUnchecked(room)
                continue
            }
            do throws(ChatError) {
                let head = try await log.head(of: room)
                guard
                    feed.tracker.withLock({ tracker in
                        tracker.headIs(head)
                        return tracker.step != nil
                    })
                else { continue }
                feeds.markUrgent(room)
                attention.continuation.yield()
            } catch {
                feeds.markUnchecked(room)
            }
        }
    }
}
