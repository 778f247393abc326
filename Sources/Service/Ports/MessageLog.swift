public import Domain

/// Where messages are stored, each room in one order that is the same for everyone.
///
/// Two adapters: JetStream, and the embedded log within the process.
///
/// - Order: drafts appended one after the other by one caller are stored in that order, each room's with strictly
///   increasing sequence numbers.
/// - Idempotence: of several drafts with the same sender, room and id within two minutes one is stored.
/// - Delivery: what is stored reaches every ``RoomBus`` that follows the room; nothing else does.
public protocol MessageLog: Sendable {
    /// Stores `draft` at the end of its room's log. Returns at once; may be called on any thread.
    ///
    /// - Parameter completion: called exactly once, on any thread, possibly before `append` returns. A failure with
    ///   ``ChatError/Code/unavailable`` means that the outcome is not known: it may be stored all the same.
    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void)

    /// The newest entry of `room`, or zero where there is none.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    func head(of room: RoomName) async throws(ChatError) -> SequenceNumber

    /// Reads the entries of `room`, or of all rooms, that stand beyond `sequence`, to the log's end at that time.
    ///
    /// - Parameters:
    ///   - room: nil: all rooms.
    ///   - batch: called with some entries at a time, in the log's order, before `read` returns.
    /// - Returns: the end: everything retained up to it was handed over, whatever its room.
    /// - Throws: ``ChatError/Code/unavailable``, possibly after some batches.
    func read(
        _ room: RoomName?, after sequence: SequenceNumber, _ batch: @escaping @Sendable ([LogEntry]) -> Void
    ) async throws(ChatError) -> SequenceNumber
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
