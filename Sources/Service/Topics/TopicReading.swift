import CoreMetrics
import Domain

/// Reads history, for resumes and for readers that catch up: from a window in memory as far as that goes back, else from the
/// log.
///
/// A reader is somewhere behind until a page reaches the newest entry that was shown live; from that moment it is shown what
/// comes, with no gap and no repeat in between.
///
/// Call this on the topics' own threads: a feed's lock is held while event loops that are behind are waited for.
struct TopicReading: Sendable {
    let windows: Windows
    let repair: TopicRepair
    let feeds: Feeds
    let reads: MeasuredLog
    let metrics: TopicMetrics

    /// Finds where a reader of a followed topic begins.
    ///
    /// - Parameters:
    ///   - earliest: what is at or before it is not for this reader.
    ///   - begun: called where the start is found, under a lock: what was delivered before this call is not beyond
    ///     ``ReadingStart/head``, and what is delivered after it is. It only hands something on.
    /// - Throws: ``ChatError/Code/unavailable``.
    func beginReading(
        _ topic: Topic, at point: ReadingPoint, notBefore earliest: SequenceNumber = .zero, begun: () -> Void = {}
    ) async throws(ChatError) -> ReadingStart {
        let feed = try await windows.filled(topic)
        if case .after(let seen, let epoch, _) = point, epoch == reads.log.epoch(of: topic.kind) {
            metrics.resumes.increment()
            try await catchUp(feed, with: seen)
        }
        let start = feed.withState { state in
            state.filled.map { window in
                let start = Self.start(in: window, head: state.tracker.cursor, at: point, notBefore: earliest)
                if start != nil { begun() }
                return start
            }
        }
        guard let start else { throw .begunAnew }
        if let start { return start }
        return try await older(feed, at: point, notBefore: earliest, begun: begun)
    }

    /// - Returns: nil where the window does not go back so far.
    private static func start(
        in window: Window, head: SequenceNumber, at point: ReadingPoint, notBefore earliest: SequenceNumber
    ) -> ReadingStart? {
        if case .after(let seen, window.epoch, _) = point, seen <= head {
            let cursor = max(seen, earliest)
            return ReadingStart(
                cursor: cursor, isResumed: true, isTruncated: cursor < window.floor, hasOlder: false, head: head,
                epoch: window.epoch)
        }
        let limit = PageLimit(entries: point.latest, bytes: TopicEngine.pageLimit.bytes)
        return window.page(before: nil, limit: limit).map { entries, more in
            ReadingStart(entries, more: more, at: point, notBefore: earliest, head: head, epoch: window.epoch)
        }
    }

    /// The same for what only the log remembers.
    private func older(
        _ feed: Feed, at point: ReadingPoint, notBefore earliest: SequenceNumber, begun: () -> Void
    ) async throws(ChatError) -> ReadingStart {
        let limit = PageLimit(entries: point.latest, bytes: TopicEngine.pageLimit.bytes)
        let stretch = try await stretch(of: feed.topic, .latest, limit: limit)
        learn(stretch.page, of: feed)
        let head = feed.withState { state in
            begun()
            return state.tracker.cursor
        }
        let entries = stretch.shown.filter { $0.sequence <= head }
        return ReadingStart(
            entries, more: stretch.more, at: point, notBefore: earliest, head: head, epoch: stretch.page.epoch)
    }

    /// Reads on beyond `cursor`.
    ///
    /// - Parameters:
    ///   - epoch: of the log in which the reader has begun.
    ///   - limit: of the page, at most ``TopicEngine/pageLimit``.
    ///   - goLive: called where the page reaches the newest entry that was shown: what is delivered after this call comes
    ///     after the page. On the caller's thread, under a lock: it only hands the page on.
    /// - Returns: the page, where it does not reach so far; else nil.
    /// - Throws: ``ChatError/Code/unavailable``.
    func read(
        _ topic: Topic, after cursor: SequenceNumber, in epoch: Epoch, limit: PageLimit,
        goLive: (ReadingPage) -> Void
    ) async throws(ChatError) -> ReadingPage? {
        let feed = try await windows.filled(topic)
        enum Outcome {
            case page(ReadingPage)
            case live
            case older
            case otherLog
        }
        let outcome: Outcome = feed.withState { state in
            guard let window = state.filled, window.epoch == epoch else { return .otherLog }
            guard let (entries, more) = window.page(after: cursor, limit: limit) else { return .older }
            let last = more ? entries.last?.sequence ?? cursor : max(cursor, state.tracker.cursor)
            let page = ReadingPage(
                entries: entries, cursor: last, more: more, isTruncated: cursor < window.floor, epoch: epoch)
            if more { return .page(page) }
            goLive(page)
            return .live
        }
        switch outcome {
        case .page(let page): return page
        case .live: return nil
        case .otherLog: throw .begunAnew
        case .older: return try await readOlder(feed, after: cursor, in: epoch, limit: limit)
        }
    }

    /// Older than the window: from the log.
    private func readOlder(
        _ feed: Feed, after cursor: SequenceNumber, in epoch: Epoch, limit: PageLimit
    ) async throws(ChatError) -> ReadingPage {
        let page = try await reads.page(of: feed.topic, .after(cursor), limit: limit)
        guard page.epoch == epoch else { throw .begunAnew }
        learn(page, of: feed)
        // What is beyond the tracker's cursor is shown live, or read once the tracker is there.
        let (shown, start) = feed.withState { ($0.tracker.cursor, $0.filled?.start ?? .zero) }
        let entries = page.entries.filter { $0.visibility >= .catchUp && $0.sequence <= shown }
        let end = page.more ? page.entries.last?.sequence ?? cursor : max(page.entries.last?.sequence ?? cursor, start)
        let next = max(cursor, min(end, shown))
        guard next > cursor else {
            // A large hole is being repaired: the reader waits for that, and asks again.
            try await repair.lookAfter(feed)
            throw .begunAnew
        }
        return ReadingPage(
            entries: entries, cursor: next, more: true, isTruncated: cursor < page.floor, epoch: epoch)
    }

    /// Some of a topic's history, for somebody who looks something up.
    ///
    /// - Parameter limit: 1–100.
    /// - Throws: ``ChatError/Code/unavailable``.
    func history(
        of topic: Topic, _ range: LogRange, limit: Int
    ) async throws(ChatError) -> ReadingPage {
        let limit = PageLimit(entries: limit, bytes: TopicEngine.pageLimit.bytes)
        if let page = recentHistory(of: topic, range, limit: limit) { return page }
        let stretch = try await stretch(of: topic, range, limit: limit)
        if let feed = feeds.feed(topic) { learn(stretch.page, of: feed) }
        return ReadingPage(
            entries: stretch.shown, cursor: stretch.page.entries.last?.sequence ?? .zero, more: stretch.more,
            isTruncated: range.isTruncated(by: stretch.page.floor), epoch: stretch.page.epoch)
    }

    /// Reads a page of the log for a reader that has not seen it. Where all entries of the page are passed over and there
    /// are more, the page begins with the next entry that is shown: so there is more only behind a page that is not empty.
    private func stretch(
        of topic: Topic, _ range: LogRange, limit: PageLimit
    ) async throws(ChatError) -> (page: LogPage, shown: [Entry], more: Bool) {
        let page = try await reads.page(of: topic, range, limit: limit)
        let shown = page.entries.filter(range.shows)
        guard shown.isEmpty, page.more else { return (page, shown, page.more) }
        guard let next = try await next(beyond: page, of: topic, range) else { return (page, [], false) }
        let nextPage = try await reads.page(of: topic, next, limit: limit)
        let nextShown = nextPage.entries.filter(range.shows)
        // Empty: the log has dropped meanwhile what was found.
        return (nextPage, nextShown, nextPage.more && !nextShown.isEmpty)
    }

    /// Looks for the next entry that is shown, in the direction of `range`. Reads no more entries than a topic retains.
    ///
    /// - Returns: the range that begins with that entry; nil where there is none.
    private func next(
        beyond page: LogPage, of topic: Topic, _ range: LogRange
    ) async throws(ChatError) -> LogRange? {
        var page = page
        var unread = reads.log.entriesPerTopic(topic.kind)
        while page.more, unread > 0, let rest = range.rest(beyond: page) {
            page = try await reads.page(of: topic, rest, limit: Window.limit)
            if let next = range.beginning(of: page) { return next }
            unread -= max(page.entries.count, 1)
        }
        return nil
    }

    /// From the window, where the topic has one that goes back so far.
    private func recentHistory(of topic: Topic, _ range: LogRange, limit: PageLimit) -> ReadingPage? {
        feeds.feed(topic)?.withState { state in
            guard let window = state.filled else { return nil }
            let page =
                switch range {
                case .latest: window.page(before: nil, limit: limit)
                case .before(let sequence): window.page(before: sequence, limit: limit)
                case .after(let sequence): window.page(after: sequence, limit: limit)
                }
            return page.map { entries, more in
                ReadingPage(
                    entries: entries, cursor: entries.last?.sequence ?? .zero, more: more,
                    isTruncated: range.isTruncated(by: window.floor), epoch: window.epoch)
            }
        }
    }

    /// What the log does not retain any more, as a page of it says, is shown from memory no more either.
    private func learn(_ page: LogPage, of feed: Feed) {
        feed.withState { state in
            // The floor itself may be retained.
            let gone = page.floor.predecessor
            guard let window = state.filled, window.epoch == page.epoch, gone > window.floor else { return }
            state.forget(.upTo(gone))
        }
    }

    /// The reader has seen more, on another instance, than was shown here so far: what it has seen comes here first.
    private func catchUp(_ feed: Feed, with seen: SequenceNumber) async throws(ChatError) {
        for _ in 0..<10 {
            guard feed.withState({ seen > $0.tracker.cursor }) else { return }
            let head = try await reads.log.head(of: feed.topic)
            guard seen <= head else { return }  // beyond the log: not of this one
            feed.withState { $0.tracker.headIs(head) }
            try await repair.lookAfter(feed)
        }
        if feed.withState({ seen > $0.tracker.cursor }) { throw .begunAnew }
    }
}

extension LogRange {
    /// Whether a page of the range has the entry. A reader that reads forwards may show already what the entry changes; one
    /// that reads backwards sees in the messages what has become of them.
    fileprivate func shows(_ entry: Entry) -> Bool {
        if case .after = self { entry.visibility >= .catchUp } else { entry.visibility >= .history }
    }

    /// What is left of the range beyond one of its pages; nil where the page is empty.
    fileprivate func rest(beyond page: LogPage) -> LogRange? {
        if case .after = self {
            page.entries.last.map { .after($0.sequence) }
        } else {
            page.entries.first.map { .before($0.sequence) }
        }
    }

    /// The range from the first entry of the page on that is shown; nil where none is.
    fileprivate func beginning(of page: LogPage) -> LogRange? {
        if case .after = self {
            page.entries.first(where: shows).map { .after($0.sequence.predecessor) }
        } else {
            page.entries.last(where: shows).map { .before($0.sequence.successor) }
        }
    }

    fileprivate func isTruncated(by floor: SequenceNumber) -> Bool {
        if case .after(let sequence) = self { sequence < floor } else { false }
    }
}
