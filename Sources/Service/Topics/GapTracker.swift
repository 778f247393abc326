import Domain

/// Puts the entries of one topic in order: passes on what follows the last one seen, drops repeats, and holds back
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
        /// Everything beyond; answer with ``read(_:floor:)``, any number of times, and ``readEnded(at:)``.
        case read(after: SequenceNumber)
    }

    /// What is to be shown, in order.
    enum Output: Equatable {
        case entry(Entry)
        /// For those only who do not read the log: the others have read it there.
        case late(Entry)
        /// What was between the two is gone for good.
        case gap(after: SequenceNumber, before: SequenceNumber)
    }

    private enum State {
        /// Where the log stood when the topic became active is not known yet.
        case starting
        case following
        /// Nothing is shown until a read has ended that went at least to `target`. What came in meanwhile waits.
        case repairing(waiting: [Entry], target: SequenceNumber)
    }

    /// What may wait behind a hole; what comes beyond it is dropped and read again.
    static let maximumWaiting = 1024
    /// Reads that end before what they were to reach, until that is forgotten: it never stood in the log.
    static let maximumFruitlessReads = 10

    private var state = State.starting
    /// The last entry that was shown, or that the log had when the topic became active.
    private(set) var cursor = SequenceNumber.zero
    /// Entries came in since the head was last compared.
    private(set) var hasUncheckedEntries = false
    private var isBusy = false
    /// Reads in a row that did not go far enough. From the second on the asker takes its time.
    private(set) var fruitlessReads = 0
    /// Until something was shown the log's head is only a bound: what it counts may have been stored after the topic became
    /// active, and its live copy still be on the way.
    private var hasShown = false
    /// Somebody has read the log up to the cursor.
    private var hasReaders = false
    /// The first of the entries that were taken for repeats since the head was last compared. Repeats are rare; more likely
    /// the log is another one than before and counts from the beginning.
    private var suspect: SequenceNumber?
    /// The newest entry that the log has acknowledged to somebody here; its live copy must come.
    private var acknowledged = SequenceNumber.zero
    /// What had been acknowledged at the last tick and had not come.
    private var overdue = SequenceNumber.zero

    /// Whether the log may be another one than before.
    var isSuspicious: Bool { suspect != nil }

    /// Whether it is not known yet where the log stood when the topic became active.
    var isStarting: Bool { if case .starting = state { true } else { false } }

    /// Whether everything up to the cursor was shown, and what comes next will be.
    var isFollowing: Bool { if case .following = state { true } else { false } }

    /// Whether what comes is held back until the log has been read.
    var isRepairing: Bool { if case .repairing = state { true } else { false } }

    /// Nil while there is nothing to ask.
    var step: Step? {
        switch state {
        case .starting: .head
        case .following: suspect == nil ? nil : .head
        case .repairing: .read(after: cursor)
        }
    }

    /// An entry came in live. - Returns: what to show.
    mutating func receive(_ entry: Entry) -> [Output] {
        hasUncheckedEntries = true
        isBusy = true
        switch state {
        case .starting:
            state = .following
            return show(entry)
        case .following:
            if entry.sequence <= cursor {
                guard hasShown else { return hasReaders ? [.late(entry)] : show(entry) }
                suspect = min(suspect ?? entry.sequence, entry.sequence)
                return []
            }
            // While the log may be another one, its numbers prove nothing.
            if suspect == nil, follows(entry) { return show(entry) }
            state = .repairing(waiting: [entry], target: .zero)
            return []
        case .repairing(var waiting, let target):
            state = .starting  // lets go of the array, so that appending does not copy it
            if waiting.count < Self.maximumWaiting { waiting.append(entry) }
            state = .repairing(waiting: waiting, target: target)
            return []
        }
    }

    private mutating func show(_ entry: Entry) -> [Output] {
        cursor = entry.sequence
        hasShown = true
        return [.entry(entry)]
    }

    /// Somebody reads the log up to the cursor, which never goes back from now on.
    mutating func beginReading() { hasReaders = true }

    /// The log has acknowledged an entry of this topic.
    mutating func acknowledged(_ sequence: SequenceNumber) {
        acknowledged = max(acknowledged, sequence)
        hasUncheckedEntries = true
    }

    /// Answers ``Step/head``, or a comparison after silence: the log's newest entry of the topic.
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
        acknowledged = .zero
        overdue = .zero
        cursor = min(sequence, suspect?.predecessor ?? sequence)
        suspect = nil
        hasShown = true
        state = .repairing(waiting: [], target: .zero)
    }

    /// Some time has passed: a second or so, time enough for what the log has acknowledged to come in.
    ///
    /// - Returns: whether the head is to be compared: the topic has fallen silent and that has not been done since, or
    ///   something that was acknowledged does not come.
    mutating func tick() -> Bool {
        let isLate = overdue > cursor
        overdue = acknowledged
        defer { isBusy = false }
        return isLate || (hasUncheckedEntries && !isBusy)
    }

    /// Entries may have been missed. - Returns: whether this topic now waits for a read; false where it did before, from
    /// an earlier place.
    mutating func doubt() -> Bool {
        guard case .following = state else { return false }
        state = .repairing(waiting: [], target: .zero)
        return true
    }

    /// Entries that were read from the log.
    ///
    /// - Parameter floor: what is beyond it and not there was never there; nil where the reader vouches for everything
    ///   since the last read.
    /// - Returns: what to show.
    mutating func read(_ entries: some Sequence<Entry>, floor: SequenceNumber? = nil) -> [Output] {
        guard case .repairing = state else { return [] }
        let new = entries.filter { $0.sequence > cursor }
        guard let first = new.first, let last = new.last else { return [] }
        var output: [Output] = []
        if let floor, floor > cursor, cursor > .zero { output.append(.gap(after: cursor, before: first.sequence)) }
        cursor = last.sequence
        hasShown = true
        return output + new.map(Output.entry)
    }

    /// A read has handed over everything up to `end`.
    ///
    /// - Returns: what had waited and is to be shown, with the gaps in it. Where something is still missing ``step`` asks
    ///   for another read.
    mutating func readEnded(at end: SequenceNumber) -> [Output] {
        guard case .repairing(var waiting, var target) = state else { return [] }
        fruitlessReads += 1
        if fruitlessReads == Self.maximumFruitlessReads {
            // The log may be behind for a moment; one that stays behind has never had what was announced.
            waiting.removeAll { $0.sequence > end }
            target = .zero
        }
        guard target <= end else { return [] }
        var output: [Output] = []
        for (index, entry) in waiting.enumerated() where entry.sequence > cursor {
            if !follows(entry) {
                // What the hole held is either beyond what was read, or not there any more.
                guard (entry.previous ?? entry.sequence) <= end else {
                    state = .repairing(waiting: Array(waiting[index...]), target: .zero)
                    return output
                }
                output.append(.gap(after: cursor, before: entry.sequence))
            }
            output += show(entry)
        }
        hasShown = true
        fruitlessReads = 0
        state = .following
        return output
    }

    /// An entry without a known predecessor follows only where the topic had none.
    private func follows(_ entry: Entry) -> Bool {
        entry.previous.map { $0 <= cursor } ?? (cursor == .zero)
    }
}
