import DequeModule
import Domain
import Search

/// The newest entries of a topic, kept in memory, so that a thousand clients that come back at once cost the log one read.
///
/// A pure value. It is filled once from the log, and from then on by what is shown live, without a hole in between. It keeps
/// what readers are shown who catch up; entries that such readers are not shown are only counted. It holds nothing that the
/// log does not retain any more: what is one too many leaves it as it leaves the log.
struct Window {
    /// What one topic may keep: as much as a log keeps by default, if the messages are small.
    static let limit = PageLimit(entries: 1000, bytes: 512 << 10)

    private struct Kept {
        let entry: Entry
        /// The entry's place among all entries of the topic, notices too, as they were counted here.
        let ordinal: Int
        /// ``Entry/frameSize``, which costs a look at each byte.
        let size: Int
        /// Whether the entry is one of the messages that a page read from the latest holds.
        let isHistory: Bool
    }

    let epoch: Epoch
    /// A reader that has seen everything up to this number or a later one, and reads on, provably misses nothing.
    private(set) var floor: SequenceNumber
    /// Every retained entry beyond this number that is kept at all is in the window; zero: every one at all.
    private(set) var start: SequenceNumber
    /// The ordinal of the newest entry that is retained and not in the window, as long as ``start`` is not zero.
    private var missing = 0
    private var kept: Deque<Kept>
    /// How many entries of the topic were counted.
    private var total = 0
    private(set) var bytes: Int
    private let limit: PageLimit

    /// - Parameters:
    ///   - page: the newest entries, as they were read from the log.
    ///   - shown: entries that were shown since the read began, which the page need not hold.
    ///   - cursor: the newest entry that was shown; what the page holds beyond it is still to come.
    ///   - retained: how many of its newest entries the log keeps.
    init(
        _ page: LogPage, shown: [Entry], cursor: SequenceNumber, retained: Int = .max,
        limit: PageLimit = Window.limit
    ) {
        epoch = page.epoch
        floor = page.floor
        self.limit = limit
        start = page.more ? page.entries.first?.sequence.predecessor ?? cursor : .zero
        kept = []
        bytes = 0
        let read = page.entries.filter { $0.sequence <= cursor }
        let last = read.last?.sequence ?? .zero
        for entry in read + shown.filter({ $0.sequence > last }) { add(entry, entry.visibility) }
        trim(retained)
    }

    var count: Int { kept.count }

    /// - Parameter retained: how many of its newest entries the log keeps.
    mutating func append(_ entry: Entry, retained: Int = .max) {
        append(entry, visibleTo: entry.visibility, retained: retained)
    }

    /// - Parameters:
    ///   - visibility: of the entry.
    ///   - retained: how many of its newest entries the log keeps.
    mutating func append(_ entry: Entry, visibleTo visibility: Visibility, retained: Int = .max) {
        add(entry, visibility)
        trim(retained)
    }

    private mutating func add(_ entry: Entry, _ visibility: Visibility) {
        total += 1
        guard visibility >= .catchUp else { return }
        let size = entry.frameSize
        kept.append(Kept(entry: entry, ordinal: total, size: size, isHistory: visibility >= .history))
        bytes += size
    }

    /// Entries before this number that have not been seen are gone for good. Those that were seen are left to the log, which
    /// knows what it still has: most often it has dropped them as well.
    mutating func raiseFloor(to sequence: SequenceNumber) {
        floor = max(floor, sequence)
        while let oldest = kept.first, oldest.entry.sequence < sequence { leaveOldest(oldest) }
        start = max(start, sequence.predecessor)
        missing = max(missing, kept.first.map { $0.ordinal - 1 } ?? total)
    }

    /// The log retains nothing any more up to this number.
    mutating func drop(upTo sequence: SequenceNumber) {
        while let oldest = kept.first, oldest.entry.sequence <= sequence { dropOldest(oldest) }
        floor = max(floor, sequence)
        if start <= sequence { start = .zero }
    }

    private mutating func trim(_ retained: Int) {
        let dropped = total - retained
        if dropped >= 0 {
            while let oldest = kept.first, oldest.ordinal <= dropped { dropOldest(oldest) }
            if start > .zero, missing <= dropped {
                floor = max(floor, start)
                start = .zero
            }
        }
        while kept.count > limit.entries || bytes > limit.bytes, kept.count > 1, let oldest = kept.first {
            leaveOldest(oldest)
        }
    }

    /// Keeps only the newest entries, at least one.
    mutating func shrink(toBytes maximum: Int) {
        while bytes > maximum, kept.count > 1, let oldest = kept.first { leaveOldest(oldest) }
    }

    /// From now on only the log has the oldest one.
    private mutating func leaveOldest(_ oldest: Kept) {
        kept.removeFirst()
        bytes -= oldest.size
        start = oldest.entry.sequence
        missing = oldest.ordinal
    }

    /// The log does not have the oldest one any more.
    private mutating func dropOldest(_ oldest: Kept) {
        kept.removeFirst()
        bytes -= oldest.size
        floor = max(floor, oldest.entry.sequence)
    }

    func entry(at sequence: SequenceNumber) -> Entry? {
        let index = firstIndex(beyond: sequence.predecessor)
        guard index < kept.count, kept[index].entry.sequence == sequence else { return nil }
        return kept[index].entry
    }

    /// The oldest entries beyond `cursor` that a reader is shown who catches up, and whether there are more; nil where the
    /// window does not go back so far.
    func page(after cursor: SequenceNumber, limit: PageLimit) -> (entries: [Entry], more: Bool)? {
        guard cursor >= start else { return nil }
        var size = 0
        var page: [Entry] = []
        for candidate in kept[firstIndex(beyond: cursor)...] {
            size += candidate.size
            guard page.isEmpty || (page.count < limit.entries && size <= limit.bytes) else { return (page, true) }
            page.append(candidate.entry)
        }
        return (page, false)
    }

    /// The newest messages before `end`, or at all, and whether there are older ones; nil where the window does not go
    /// back so far.
    func page(before end: SequenceNumber?, limit: PageLimit) -> (entries: [Entry], more: Bool)? {
        var lower = end.map { firstIndex(beyond: $0.predecessor) } ?? kept.count
        var size = 0
        var newestFirst: [Entry] = []
        while lower > 0, newestFirst.count < limit.entries {
            let candidate = kept[lower - 1]
            if candidate.isHistory {
                size += candidate.size
                guard size <= limit.bytes || newestFirst.isEmpty else { return (newestFirst.reversed(), true) }
                newestFirst.append(candidate.entry)
            }
            lower -= 1
        }
        guard start == .zero || newestFirst.count == limit.entries else { return nil }
        return (newestFirst.reversed(), start > .zero || kept[..<lower].contains(where: \.isHistory))
    }

    /// The place of the first entry beyond `sequence`.
    private func firstIndex(beyond sequence: SequenceNumber) -> Int {
        kept.partitioningIndex { $0.entry.sequence > sequence }
    }
}
