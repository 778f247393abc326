import Domain

/// Puts the entries of one room in order: passes on what follows the last one seen, drops repeats, and holds back
/// everything behind a hole until the log has filled it.
///
/// A pure state machine. Its events return what is to be shown now, in order; ``step`` says what has to be asked of the log.
/// Live entries tell the number of the entry before them, which is how a hole shows; the loss of the last entry of a
/// burst shows only by comparing with the log's head.
struct GapTracker {
    /// What somebody has to ask the log for.
    enum Step: Equatable {
        /// The newest entry's number; answer with ``headIs(_:)``.
        case head
        /// Everything beyond; answer with ``read(_:)``, any number of times, and ``readEnded(at:)``.
        case read(after: SequenceNumber)
    }

    private enum State {
        /// Where the log stood when the room became active is not known yet.
        case starting
        case following
        /// Nothing is shown until a read has ended that went at least to `target`. What came in meanwhile waits.
        case repairing(waiting: [LogEntry], target: SequenceNumber)
    }

    /// What may wait behind a hole; what comes beyond it is dropped and read again.
    static let maximumWaiting = 1024
    /// Reads that end before what they were to reach, until that is forgotten: it never stood in the log.
    static let maximumFruitlessReads = 10

    private var state = State.starting
    /// The last entry that was shown, or that the log had when the room became active.
    private(set) var cursor = SequenceNumber.zero
    /// Entries came in since the head was last compared.
    private(set) var hasUncheckedEntries = false
    private var isBusy = false
    /// Reads in a row that did not go far enough. From the second on the asker takes its time.
    private(set) var fruitlessReads = 0
    /// Until something was shown the log's head is only a bound: what it counts may have been stored after the room became
    /// active, and its live copy still be on the way.
    private var hasShown = false
    /// The first of the entries that were taken for repeats since the head was last compared. Repeats are rare; more likely
    /// the log is another one than before and counts from the beginning.
    private var suspect: SequenceNumber?

    /// Nil while there is nothing to ask.
    var step: Step? {
        switch state {
        case .starting: .head
        case .following: suspect == nil ? nil : .head
        case .repairing: .read(after: cursor)
        }
    }

    /// An entry came in live. - Returns: what to show.
    mutating func receive(_ entry: LogEntry) -> [LogEntry] {
        hasUncheckedEntries = true
        isBusy = true
        switch state {
        case .starting:
            state = .following
            return show(entry)
        case .following:
            if entry.sequence <= cursor {
                guard hasShown else { return show(entry) }
                suspect = min(suspect ?? entry.sequence, entry.sequence)
                return []
            }
            if follows(entry) { return show(entry) }
            state = .repairing(waiting: [entry], target: .zero)
            return []
        case .repairing(var waiting, let target):
            state = .starting  // lets go of the array, so that appending does not copy it
            if waiting.count < Self.maximumWaiting { waiting.append(entry) }
            state = .repairing(waiting: waiting, target: target)
            return []
        }
    }

    private mutating func show(_ entry: LogEntry) -> [LogEntry] {
        cursor = entry.sequence
        hasShown = true
        return [entry]
    }

    /// Answers ``Step/head``, or a comparison after silence: the log's newest entry of the room.
    mutating func headIs(_ head: SequenceNumber) {
        hasUncheckedEntries = false
        if suspect != nil, (SequenceNumber.zero..<cursor).contains(head), head != .zero { return renew(after: head) }
        suspect = nil
        switch state {
        case .starting:
            state = .following
            cursor = head
        case .following where head > cursor:
            state = .repairing(waiting: [], target: head)
        case .repairing(let waiting, let target):
            state = .repairing(waiting: waiting, target: max(target, head))
        case .following:
            break
        }
    }

    /// The log is another one than before, or has gone back: what stands beyond `sequence` has not been shown.
    mutating func renew(after sequence: SequenceNumber) {
        cursor = min(sequence, suspect.map { SequenceNumber($0.value - 1) } ?? sequence)
        suspect = nil
        hasShown = true
        state = .repairing(waiting: [], target: .zero)
    }

    /// Some time has passed. - Returns: whether the room has fallen silent and its head has not been compared since.
    mutating func tick() -> Bool {
        defer { isBusy = false }
        return hasUncheckedEntries && !isBusy
    }

    /// Entries may have been missed. - Returns: whether this room now waits for a read; false where it did before, from
    /// an earlier place.
    mutating func doubt() -> Bool {
        guard case .following = state else { return false }
        state = .repairing(waiting: [], target: .zero)
        return true
    }

    /// Entries that were read from the log. - Returns: what to show.
    mutating func read(_ entries: some Sequence<LogEntry>) -> [LogEntry] {
        guard case .repairing = state else { return [] }
        let new = entries.filter { $0.sequence > cursor }
        if let last = new.last { cursor = last.sequence }
        hasShown = true
        return new
    }

    /// A read has handed over everything up to `end`.
    ///
    /// - Returns: what had waited and is to be shown, and whether entries before it are gone for good. Where something is
    ///   still missing ``step`` asks for another read.
    mutating func readEnded(at end: SequenceNumber) -> (show: [LogEntry], isLost: Bool) {
        guard case .repairing(var waiting, var target) = state else { return ([], false) }
        fruitlessReads += 1
        if fruitlessReads == Self.maximumFruitlessReads {
            // The log may be behind for a moment; one that stays behind has never had what was announced.
            waiting.removeAll { $0.sequence > end }
            target = .zero
        }
        guard target <= end else { return ([], false) }
        var show: [LogEntry] = []
        var isLost = false
        for (index, entry) in waiting.enumerated() where entry.sequence > cursor {
            if !follows(entry) {
                // What the hole held is either beyond what was read, or not there any more.
                guard (entry.previous ?? entry.sequence) <= end else {
                    state = .repairing(waiting: Array(waiting[index...]), target: .zero)
                    return (show, isLost)
                }
                isLost = true
            }
            show += self.show(entry)
        }
        hasShown = true
        fruitlessReads = 0
        state = .following
        return (show, isLost)
    }

    /// An entry without a known predecessor follows only where the room had none.
    private func follows(_ entry: LogEntry) -> Bool {
        entry.previous.map { $0 <= cursor } ?? (cursor == .zero)
    }
}
