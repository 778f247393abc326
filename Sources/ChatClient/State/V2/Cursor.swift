import Wire

/// The position in one log, a room's or the inbox. It makes each message appear once, and says where to continue after
/// a reconnect.
struct Cursor: Equatable, Sendable {
    /// How many of the user's own messages are remembered that were shown out of order.
    static let mostOwn = 256

    /// The epoch of the log to which the numbers belong.
    private(set) var epoch: String?
    /// The greatest sequence shown.
    private(set) var last: UInt64?
    /// The smallest sequence shown.
    private(set) var oldest: UInt64?
    /// The user's own messages that were shown before the log reached them, oldest first.
    private var own: [UInt64] = []

    /// The position to continue from; `nil` if nothing is known yet.
    var position: V2Position? {
        last.map { V2Position(after: $0, epoch: epoch) }
    }

    /// The server named the log's epoch and its last sequence.
    /// - Returns: whether the log was replaced or restored to an older state, so that the old position means nothing.
    mutating func begin(_ epoch: String, head: UInt64 = .max) -> Bool {
        let isNew = self.epoch.map { !$0.hasSameBytes(as: epoch) } ?? false || head < last ?? 0
        if isNew { self = Cursor() }
        self.epoch = epoch
        return isNew
    }

    /// A message came in the log's order.
    /// - Returns: whether to show it; false if it was shown before.
    mutating func accept(_ sequence: UInt64) -> Bool {
        guard last.map({ $0 < sequence }) ?? true else { return false }
        last = sequence
        oldest = min(oldest ?? sequence, sequence)
        return own.firstIndex(of: sequence).map { own.remove(at: $0) } == nil
    }

    /// The user's own message is shown before the log has reached it.
    /// - Returns: false if it was shown before.
    mutating func acceptOwn(_ sequence: UInt64) -> Bool {
        if own.contains(sequence) { return false }
        own.append(sequence)
        oldest = min(oldest ?? sequence, sequence)
        // The log must have passed the oldest of them long ago, although no other message came to show it.
        if own.count > Self.mostOwn { last = max(last ?? 0, own.removeFirst()) }
        return true
    }

    /// All messages were shown. `head` is the position if there were none.
    mutating func caughtUp(head: UInt64) {
        if last == nil { last = head }
    }

    /// A page of older messages was shown, down to this sequence.
    mutating func wentBack(to sequence: UInt64) {
        oldest = min(oldest ?? sequence, sequence)
    }

    /// The sequence to ask for older messages with.
    var before: UInt64 {
        let next = (last ?? 0).addingReportingOverflow(1)
        return oldest ?? (next.overflow ? .max : next.partialValue)
    }
}
