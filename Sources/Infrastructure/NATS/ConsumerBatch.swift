/// What one pull has brought: messages of a consumer that follow on one another without a hole.
///
/// A consumer sends everything once. What comes when nobody waits for it is lost to its reader, so each message is held
/// against the consumer's own count, and a pull that ends before all that it asked for has come spoils the consumer.
///
/// A pure value.
struct ConsumerBatch {
    private enum Course {
        case underWay, whole, broken
    }

    private let count: Int
    private let end: UInt64
    private var course = Course.underWay
    /// The consumer's own number of the last message that its reader has had; 0: none.
    private(set) var delivered: UInt64
    private(set) var messages: [StoredMessage] = []

    /// - Parameters:
    ///   - count: how many are asked for.
    ///   - end: the last number in the stream that is wanted.
    ///   - delivered: the consumer's own number of the last message that its reader has had.
    init(count: Int, until end: UInt64, after delivered: UInt64) {
        self.count = count
        self.end = end
        self.delivered = delivered
    }

    /// Nothing that was sent for this pull is still to come, or nothing that is wanted: the consumer can be read on from.
    var isWhole: Bool { course == .whole }

    /// A message has come in. One that does not follow on the last is left out, as is all that comes after it.
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

    /// The pull has ended, if it had not already.
    ///
    /// - Parameter isToldByNATS: NATS itself says that no more come; else the deadline has passed, or the link is lost.
    mutating func close(isToldByNATS: Bool) {
        guard course == .underWay else { return }
        course = isToldByNATS ? .whole : .broken
    }
}
