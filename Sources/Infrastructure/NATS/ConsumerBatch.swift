/// The messages that one pull brought: consecutive messages of a consumer, without a hole.
///
/// A consumer sends each message once. A message that arrives when nobody waits for it is lost to the reader. So each
/// message is compared with the consumer's own count, and the consumer cannot be used again after a pull that ended
/// before everything it asked for came.
///
/// A pure value.
struct ConsumerBatch {
    private enum Course {
        case underWay, whole, broken
    }

    private let count: Int
    private let end: UInt64
    private var course = Course.underWay
    /// The consumer's own number of the last message that its reader got; 0: none.
    private(set) var delivered: UInt64
    private(set) var messages: [StoredMessage] = []

    /// - Parameters:
    ///   - count: how many messages the pull asks for.
    ///   - end: the last stream sequence that is wanted.
    ///   - delivered: the consumer's own number of the last message that its reader got.
    init(count: Int, until end: UInt64, after delivered: UInt64) {
        self.count = count
        self.end = end
        self.delivered = delivered
    }

    /// Whether nothing more can come for this pull, or nothing that is wanted. Only then may the consumer be pulled
    /// again.
    var isWhole: Bool { course == .whole }

    /// Takes a message that came in. A message that does not follow the last one is dropped, as are all after it.
    ///
    /// - Parameter number: the consumer's own count.
    /// - Returns: whether the pull is over.
    mutating func append(_ message: StoredMessage, number: UInt64) -> Bool {
        guard course == .underWay else { return true }
        guard number > 0, number - 1 == delivered else {
            course = .broken
            return true
        }
        delivered = number
        messages.append(message)
        if messages.count >= count || message.sequence >= end { course = .whole }
        return isWhole
    }

    /// Ends the pull, if it has not ended yet.
    ///
    /// - Parameter isToldByNATS: whether NATS said that no more messages come. False if the deadline passed or the link
    ///   was lost.
    mutating func close(isToldByNATS: Bool) {
        guard course == .underWay else { return }
        course = isToldByNATS ? .whole : .broken
    }
}
