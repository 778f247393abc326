public import Domain

/// Where messages are stored, each topic in one order that is the same for everyone.
///
/// Two adapters: JetStream, and the embedded log within the process.
///
/// - Order: drafts appended one after the other by one caller are stored in that order, each topic's with strictly
///   increasing sequence numbers.
/// - Idempotence: of several drafts with the same sender, room or recipient, and id, within two minutes one is stored
///   (of a private message one in each of its two inboxes).
/// - Durability: what was acknowledged outlives the process, and a restart of the log from its disk.
/// - Delivery: what is stored reaches every ``TopicBus`` that follows the topic; nothing else does.
/// - Retention: the oldest entries of a topic are dropped, by number and by age; never ones in the middle. The bus tells
///   what goes otherwise than by number (``BusEvent/dropped(_:of:)``), soon after it is gone.
public protocol MessageLog: Sendable {
    /// Stores `draft` at the end of its topic's log. Returns at once; may be called on any thread.
    ///
    /// - Parameter completion: called exactly once, on any thread, possibly before `append` returns. A failure with
    ///   ``ChatError/Code/unavailable`` means that the outcome is not known: it may be stored all the same. Any other code
    ///   means that it is not stored, and that trying again cannot help. The cause may be an ``AppendFailure``.
    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void)

    /// The newest entry of `topic`, or zero where there is none.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    func head(of topic: Topic) async throws(ChatError) -> SequenceNumber

    /// Reads the entries of all topics of a kind that stand beyond `sequence`, to the log's end at that time.
    ///
    /// - Parameters:
    ///   - maximum: greatest distance of the end from `sequence`. Where it is greater, nothing is read.
    ///   - batch: called with some entries at a time, in the log's order, before `readAll` returns.
    /// - Returns: the end: everything retained up to it was handed over, whatever its topic; nil where nothing was read.
    /// - Throws: ``ChatError/Code/unavailable``, possibly after some batches.
    func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([Entry]) -> Void
    ) async throws(ChatError) -> SequenceNumber?

    /// Reads a stretch of one topic's log.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage

    /// The incarnation of the log, as far as is known.
    func epoch(of kind: Topic.Kind) -> Epoch

    /// Asks the log itself which incarnation it is. Where it is another one than was known, the bus tells
    /// ``BusEvent/renewed(_:after:)`` before this returns.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    func verifyEpoch(of kind: Topic.Kind) async throws(ChatError) -> Epoch

    /// How many entries of one topic of a kind are kept at the most, as the log itself has it.
    func entriesPerTopic(_ kind: Topic.Kind) -> Int

    /// Why no message can be stored now, in some words for operators; nil while messages are stored, or as long as nothing
    /// else is known. It goes away by itself once messages can be stored again, whether somebody tries or not.
    ///
    /// From any thread, and without waiting.
    var storageObstacle: String? { get }
}

/// Why a message was not, or not surely, stored: the cause of the error that its sender is told.
public struct AppendFailure: Error, Sendable {
    /// The kinds that are told apart, and counted each by itself.
    public enum Reason: String, Sendable, CaseIterable {
        /// More waits for the log already than may wait. Nothing was stored.
        case overloaded
        /// There is no way to the log. Nothing was stored.
        case unreachable
        /// The log is not there, for instance while its leader is elected. Nothing was stored.
        case notReady = "not_ready"
        /// The log has not answered in time, or was lost before it did. Nobody knows.
        case unanswered
        /// The log takes no message of this size, and never will. Nothing was stored.
        case tooLarge = "too_large"
        /// The log has no room. Nothing was stored.
        case full
        /// The log has said no for another reason. Nothing was stored.
        case refused
        /// What is none of these.
        case other
    }

    public let reason: Reason
    public let cause: (any Error)?

    public init(_ reason: Reason, cause: (any Error)? = nil) {
        self.reason = reason
        self.cause = cause
    }
}

/// Which stretch of a topic's log is read.
public enum LogRange: Equatable, Sendable {
    /// The newest entries.
    case latest
    /// The newest entries before this one.
    case before(SequenceNumber)
    /// The oldest entries beyond this one.
    case after(SequenceNumber)
}

/// How much is read at a time. At least one entry is, however large.
public struct PageLimit: Equatable, Sendable {
    public let entries: Int
    /// Of ``Entry/frameSize``, together.
    public let bytes: Int

    public init(entries: Int, bytes: Int) {
        self.entries = entries
        self.bytes = bytes
    }
}

/// A stretch of a topic's log.
public struct LogPage: Equatable, Sendable {
    /// Oldest first.
    public let entries: [Entry]
    /// Whether more is retained in the direction of the range: beyond the last entry for ``LogRange/after(_:)``, else before
    /// the first.
    public let more: Bool
    /// Who has seen everything up to a number that is at least this one, and reads on, provably misses nothing: the topic's
    /// oldest retained entry, or less where the log knows that nothing of the topic was ever dropped beyond it.
    public let floor: SequenceNumber
    /// The topic's newest entry when this was read, or zero.
    public let head: SequenceNumber
    /// The newest number of any topic of the kind when this was read, whatever has become of its entry: what has a greater
    /// one was stored later. No less than ``head``.
    public let end: SequenceNumber
    public let epoch: Epoch

    /// - Parameter end: nil: not known beyond `head`.
    public init(
        entries: [Entry], more: Bool, floor: SequenceNumber, head: SequenceNumber, end: SequenceNumber? = nil,
        epoch: Epoch
    ) {
        self.entries = entries
        self.more = more
        self.floor = floor
        self.head = head
        self.end = max(head, end ?? head)
        self.epoch = epoch
    }
}

/// The log's word that a message is stored.
public struct Appended: Equatable, Sendable {
    public let sequence: SequenceNumber
    /// The log had it already, from an earlier try with the same id.
    public let isDuplicate: Bool

    public init(sequence: SequenceNumber, isDuplicate: Bool) {
        self.sequence = sequence
        self.isDuplicate = isDuplicate
    }
}
