import DequeModule
import Domain

/// The newest messages of a topic, kept in memory, so that a thousand clients that come back at once cost the log one read.
///
/// A pure value. It is filled once from the log, and from then on by what is shown live, without a hole in between.
struct Window {
    /// What one topic may keep: as much as a log keeps by default, if the messages are small.
    static let limit = PageLimit(entries: 1000, bytes: 512 << 10)

    let epoch: Epoch
    /// Who has seen everything up to this number or a later one, and reads on, provably misses nothing.
    private(set) var floor: SequenceNumber
    /// Every retained message beyond this number is in the window.
    private(set) var start: SequenceNumber
    private var entries: Deque<LogEntry>
    private(set) var bytes: Int
    private let limit: PageLimit

    /// - Parameters:
    ///   - page: the newest entries, as they were read from the log.
    ///   - shown: entries that were shown since the read began, which the page need not hold.
    ///   - cursor: the newest entry that was shown; what the page holds beyond it is still to come.
    init(_ page: LogPage, shown: [LogEntry], cursor: SequenceNumber, limit: PageLimit = Window.limit) {
        epoch = page.epoch
        floor = page.floor
        self.limit = limit
        start = page.more ? page.entries.first?.sequence.predecessor ?? cursor : .zero
        let read = page.entries.filter { $0.sequence <= cursor }
        let last = read.last?.sequence ?? .zero
        entries = Deque((read + shown.filter { $0.sequence > last }).filter(\.isMessage))
        bytes = entries.reduce(0) { $0 + $1.frameSize }
        trim()
    }

    var count: Int { entries.count }

    mutating func append(_ entry: LogEntry) {
        guard entry.isMessage else { return }
        entries.append(entry)
        bytes += entry.frameSize
        trim()
    }

    /// What was before this number and has not been seen is gone for good.
    mutating func raiseFloor(to sequence: SequenceNumber) { floor = max(floor, sequence) }

    private mutating func trim() {
        while entries.count > limit.entries || bytes > limit.bytes, entries.count > 1 { dropOldest() }
    }

    /// Keeps the newest messages only, at least one.
    mutating func shrink(toBytes maximum: Int) {
        while bytes > maximum, entries.count > 1 { dropOldest() }
    }

    private mutating func dropOldest() {
        guard let oldest = entries.popFirst() else { return }
        bytes -= oldest.frameSize
        start = oldest.sequence
    }

    func entry(at sequence: SequenceNumber) -> LogEntry? {
        let index = firstIndex(beyond: sequence.predecessor)
        guard index < entries.count, entries[index].sequence == sequence else { return nil }
        return entries[index]
    }

    /// The oldest messages beyond `cursor`, and whether there are more; nil where the window does not go back so far.
    func page(after cursor: SequenceNumber, limit: PageLimit) -> (entries: [LogEntry], more: Bool)? {
        guard cursor >= start else { return nil }
        var size = 0
        var page: [LogEntry] = []
        for entry in entries[firstIndex(beyond: cursor)...] {
            size += entry.frameSize
            guard page.isEmpty || (page.count < limit.entries && size <= limit.bytes) else { return (page, true) }
            page.append(entry)
        }
        return (page, false)
    }

    /// The newest messages before `end`, or at all, and whether there are older ones; nil where the window does not go
    /// back so far.
    func page(before end: SequenceNumber?, limit: PageLimit) -> (entries: [LogEntry], more: Bool)? {
        let upper = end.map { firstIndex(beyond: $0.predecessor) } ?? entries.count
        var size = 0
        var lower = upper
        while lower > 0, upper - lower < limit.entries {
            size += entries[lower - 1].frameSize
            guard size <= limit.bytes || lower == upper else { break }
            lower -= 1
        }
        guard lower > 0 || start == .zero || upper - lower == limit.entries else { return nil }
        return (Array(entries[lower..<upper]), lower > 0 || start > .zero)
    }

    /// Where the messages beyond `sequence` begin.
    private func firstIndex(beyond sequence: SequenceNumber) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension LogEntry {
    /// Whether it stands in the history: notices of original servers do not.
    var isMessage: Bool {
        switch event {
        case .message, .privateMessage: true
        default: false
        }
    }
}
