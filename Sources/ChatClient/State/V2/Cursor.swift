import Wire

/// How far one log, a room's or the inbox, was shown: what makes a message appear once, and where to go on after a
/// reconnect.
struct Cursor: Equatable, Sendable {
    /// How many of one's own messages are remembered that were shown out of place.
    static let mostOwn = 256

    /// The incarnation of the log that the numbers belong to.
    private(set) var epoch: String?
    /// The greatest number shown.
    private(set) var last: UInt64?
    /// The smallest number shown.
    private(set) var oldest: UInt64?
    /// One's own messages that were shown before the log had come to them, oldest first.
    private var own: [UInt64] = []

    /// Where to go on; `nil` where nothing is known yet.
    var position: V2Position? {
        last.map { V2Position(after: $0, epoch: epoch) }
    }

    /// The server says which log it reads from, and where that ends.
    /// - Returns: whether the log was begun anew or put back to an older state, so that nothing of what was known holds.
    mutating func begin(_ epoch: String, head: UInt64 = .max) -> Bool {
        let isNew = self.epoch.map { !$0.hasSameBytes(as: epoch) } ?? false || head < last ?? 0
        if isNew { self = Cursor() }
        self.epoch = epoch
        return isNew
    }

    /// A message comes along the log.
    /// - Returns: whether it is to be shown; otherwise it was shown before.
    mutating func accept(_ sequence: UInt64) -> Bool {
        guard last.map({ $0 < sequence }) ?? true else { return false }
        last = sequence
        oldest = min(oldest ?? sequence, sequence)
        return own.firstIndex(of: sequence).map { own.remove(at: $0) } == nil
    }

    /// One's own message is shown, though the log has not come to its place.
    /// - Returns: false where it was shown before.
    mutating func acceptOwn(_ sequence: UInt64) -> Bool {
        if own.contains(sequence) { return false }
        own.append(sequence)
        oldest = min(oldest ?? sequence, sequence)
        // The oldest one's place has long been passed, though nothing else was there to show it.
        if own.count > Self.mostOwn { last = max(last ?? 0, own.removeFirst()) }
        return true
    }

    /// All that there is was shown; `head` counts where there was nothing.
    mutating func caughtUp(head: UInt64) {
        if last == nil { last = head }
    }

    /// A page of older messages was shown, down to this number.
    mutating func wentBack(to sequence: UInt64) {
        oldest = min(oldest ?? sequence, sequence)
    }

    /// Older than all that was shown.
    var before: UInt64 {
        let next = (last ?? 0).addingReportingOverflow(1)
        return oldest ?? (next.overflow ? .max : next.partialValue)
    }
}
