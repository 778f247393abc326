public import Domain

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

/// A stretch of a topic for one reader.
public struct ReadingPage: Sendable {
    /// Oldest first. A page that was read forwards holds what is shown to readers that catch up
    /// (``Visibility/catchUp``); one that was read backwards holds messages only (``Visibility/history``).
    public let entries: [Entry]
    /// The next page is read beyond this number.
    public let cursor: SequenceNumber
    /// There is more: beyond the page where it was read forwards, else before it.
    public let more: Bool
    /// Nothing proves that nothing is missing between where this page was asked for and its first entry.
    public let isTruncated: Bool
    public let epoch: Epoch
}

extension ReadingPoint {
    /// With how many of the newest messages a reader begins that cannot go on where it stopped.
    var latest: Int {
        switch self {
        case .latest(let count): count
        case .after(_, _, let count): count
        }
    }
}

extension ReadingStart {
    /// With the newest messages: for one who has seen nothing, or cannot prove to have seen anything of this log.
    init(
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
