import CoreMetrics
public import Domain
import Synchronization

/// Where a reader begins.
public enum ReadingPoint: Equatable, Sendable {
    /// With so many of the newest messages.
    case latest(Int)
    /// Beyond what the reader has seen, in that incarnation of the log.
    /// Where that is no longer possible: with so many of the newest.
    case after(SequenceNumber, Epoch?, orLatest: Int)
}

/// What a reader is told before it reads.
public struct ReadingStart: Equatable, Sendable {
    /// The first page is read beyond this number.
    public let cursor: SequenceNumber
    /// The reader goes on where it stopped; else it begins with the newest messages.
    public let isResumed: Bool
    /// Nothing proves that the reader has missed nothing.
    public let isTruncated: Bool
    /// Whether there are messages before the first page.
    public let hasOlder: Bool
    /// The topic's newest entry, or zero.
    public let head: SequenceNumber
    public let epoch: Epoch
}

extension ReadingPoint {
    /// With how many of the newest messages a reader begins that cannot go on where it stopped.
    fileprivate var latest: Int {
        switch self {
        case .latest(let count): count
        case .after(_, _, let count): count
        }
    }
}

extension ReadingStart {
    /// With the newest messages: for one who has seen nothing, or cannot prove to have seen anything of this log.
    fileprivate init(
        _ entries: [Entry], more: Bool, at point: ReadingPoint, notBefore earliest: SequenceNumber,
        head: SequenceNumber, epoch: Epoch
    ) {
        let shown = entries.filter { $0.sequence > earliest }
        cursor = shown.first?.sequence.predecessor ?? head
        isResumed = false
        if case .after = point { isTruncated = true } else { isTruncated = false }
        hasOlder = more && shown.count == entries.count && cursor > earliest
        self.head = head
        self.epoch = epoch
    }
}

/// A stretch of a topic for one reader.
public struct ReadingPage: Sendable {
    /// Messages, oldest first.
    public let entries: [Entry]
    /// The next page is read beyond this number.
    public let cursor: SequenceNumber
    /// There is more: beyond the page where it was read forwards, else before it.
    public let more: Bool
    /// Nothing proves that nothing is missing between where this page was asked for and its first message.
    public let isTruncated: Bool
    public let epoch: Epoch
}

/// History, resuming and catching up: one reader after another, from a window in memory as far as that goes back.
///
/// A reader is somewhere behind until a page reaches the newest entry that was shown live; from that moment it is shown what
/// comes, with no gap and no repeat in between.
extension ChatService {
    /// How much of a topic is read, sent and kept at a time.
    public static let pageLimit = PageLimit(entries: 100, bytes: 256 << 10)

    /// Begins to follow a topic for a session, which must do so before it reads.
    ///
    /// - Returns: whether it did not follow the topic before.
    /// - Throws: ``ChatError/Code/unavailable``.
    @discardableResult
    public func follow(_ topic: Topic, for session: Session) throws(ChatError) -> Bool {
        guard session.beginFollowing(topic) else { return false }
        do throws(ChatError) {
            try enterInterest(in: topic)
            return true
        } catch {
            session.endFollowing(topic)
            throw error
        }
    }

    public func unfollow(_ topic: Topic, for session: Session) {
        if session.endFollowing(topic) { leaveInterest(in: topic) }
    }

    /// Finds where a reader of a followed topic begins.
    ///
    /// - Parameter earliest: what is at or before it is not for this reader.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func beginReading(
        _ topic: Topic, at point: ReadingPoint, notBefore earliest: SequenceNumber = .zero
    ) async throws(ChatError) -> ReadingStart {
        let feed = try await filledFeed(topic)
        if case .after(let seen, let epoch, _) = point, epoch == log.epoch(of: topic.kind) {
            metrics.resumes.increment()
            try await catchUp(feed, with: seen)
        }
        let start = feed.withState { state in
            state.filled.map { window in
                Self.start(in: window, head: state.tracker.cursor, at: point, notBefore: earliest)
            }
        }
        guard let start else { throw .begunAnew }
        if let start { return start }
        return try await older(feed, at: point, notBefore: earliest)
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
        let limit = PageLimit(entries: point.latest, bytes: pageLimit.bytes)
        return window.page(before: nil, limit: limit).map { entries, more in
            ReadingStart(entries, more: more, at: point, notBefore: earliest, head: head, epoch: window.epoch)
        }
    }

    /// The same for what only the log remembers.
    private func older(
        _ feed: Feed, at point: ReadingPoint, notBefore earliest: SequenceNumber
    ) async throws(ChatError) -> ReadingStart {
        let limit = PageLimit(entries: point.latest, bytes: Self.pageLimit.bytes)
        let page = try await readPage(of: feed.topic, .latest, limit: limit)
        learn(page, of: feed)
        let head = feed.withState { $0.tracker.cursor }
        let entries = page.entries.filter { $0.isMessage && $0.sequence <= head }
        return ReadingStart(entries, more: page.more, at: point, notBefore: earliest, head: head, epoch: page.epoch)
    }

    /// Reads on beyond `cursor`.
    ///
    /// - Parameters:
    ///   - epoch: of the log in which the reader has begun.
    ///   - limit: of the page, at most ``pageLimit``.
    ///   - goLive: called where the page reaches the newest entry that was shown: what is delivered after this call comes
    ///     after the page. On the caller's thread, under a lock: it only hands the page on.
    /// - Returns: the page, where it does not reach so far; else nil.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func read(
        _ topic: Topic, after cursor: SequenceNumber, in epoch: Epoch, limit: PageLimit,
        goLive: (ReadingPage) -> Void
    ) async throws(ChatError) -> ReadingPage? {
        let feed = try await filledFeed(topic)
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
        let page = try await readPage(of: feed.topic, .after(cursor), limit: limit)
        guard page.epoch == epoch else { throw .begunAnew }
        learn(page, of: feed)
        // What is beyond the tracker's cursor is shown live, or read once the tracker is there.
        let (shown, start) = feed.withState { ($0.tracker.cursor, $0.filled?.start ?? .zero) }
        let entries = page.entries.filter { $0.isMessage && $0.sequence <= shown }
        let end = page.more ? page.entries.last?.sequence ?? cursor : max(page.entries.last?.sequence ?? cursor, start)
        let next = max(cursor, min(end, shown))
        guard next > cursor else {
            // A large hole is being repaired: the reader waits for that, and asks again.
            try await lookAfter(feed)
            throw .begunAnew
        }
        return ReadingPage(
            entries: entries, cursor: next, more: true, isTruncated: cursor < page.floor, epoch: epoch)
    }

    /// Some of a topic's history, for somebody who looks something up.
    ///
    /// - Parameter limit: 1–100.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func history(
        of topic: Topic, _ range: LogRange, limit: Int
    ) async throws(ChatError) -> ReadingPage {
        let limit = PageLimit(entries: limit, bytes: Self.pageLimit.bytes)
        if let page = recentHistory(of: topic, range, limit: limit) { return page }
        let page = try await readPage(of: topic, range, limit: limit)
        if let feed = feeds.feed(topic) { learn(page, of: feed) }
        return ReadingPage(
            entries: page.entries.filter(\.isMessage), cursor: page.entries.last?.sequence ?? .zero, more: page.more,
            isTruncated: range.isTruncated(by: page.floor), epoch: page.epoch
        )
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

    // MARK: The window

    /// A followed topic's feed, once its window is filled: by one read, however many want it.
    private func filledFeed(_ topic: Topic) async throws(ChatError) -> Feed {
        for _ in 0..<3 {
            guard let feed = feeds.feed(topic) else { throw .begunAnew }
            if feed.withState({ $0.filled != nil }) { return feed }
            try await feed.filling.run { () async throws(ChatError) in try await fill(feed) }
        }
        throw .begunAnew
    }

    private func fill(_ feed: Feed) async throws(ChatError) {
        let before: SequenceNumber? = feed.withState { state in
            guard state.filled == nil else { return nil }
            state.window = .filling(shown: [])
            return state.tracker.cursor
        }
        guard let before else { return }
        do throws(ChatError) {
            let page = try await readPage(of: feed.topic, .latest, limit: Window.limit)
            let needsLog = feed.withState { state in
                // Emptied: the log was renewed meanwhile, or has dropped something. Behind what was shown: it was read too
                // early.
                guard case .filling(let shown) = state.window, page.end >= before else {
                    state.window = .empty
                    return false
                }
                state.tracker.headIs(page.head)
                state.tracker.beginReading()
                state.window = .filled(
                    Window(
                        page, shown: shown, cursor: state.tracker.cursor,
                        retained: log.entriesPerTopic(feed.topic.kind)))
                return state.tracker.step != nil
            }
            if needsLog {
                feeds.markUrgent(feed.topic)
                attention.continuation.yield()
            }
        } catch {
            feed.withState { state in
                if case .filling = state.window { state.window = .empty }
            }
            throw error
        }
    }

    /// The reader has seen more, on another instance, than was shown here so far: what it has seen comes here first.
    private func catchUp(_ feed: Feed, with seen: SequenceNumber) async throws(ChatError) {
        for _ in 0..<10 {
            guard feed.withState({ seen > $0.tracker.cursor }) else { return }
            let head = try await log.head(of: feed.topic)
            guard seen <= head else { return }  // beyond the log: not of this one
            feed.withState { $0.tracker.headIs(head) }
            try await lookAfter(feed)
        }
        if feed.withState({ seen > $0.tracker.cursor }) { throw .begunAnew }
    }
}

extension LogRange {
    fileprivate func isTruncated(by floor: SequenceNumber) -> Bool {
        if case .after(let sequence) = self { sequence < floor } else { false }
    }
}

extension ChatError {
    fileprivate static let begunAnew = ChatError(.unavailable, "the history cannot be read now, try again")
}
