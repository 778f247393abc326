import Domain
import Service

/// Turns messages of a stream into log entries: those that are republished live, and those that are read back.
struct EntryDecoder: Sendable {
    let incarnation: LogIncarnation
    let time: TimeSource

    /// - Returns: nil where the message does not say which place it has in the log: it did not come from the stream.
    func live(_ message: borrowing NATSMessage, in topic: Topic) -> Entry? {
        guard let sequence = message.header("Nats-Sequence").flatMap({ UInt64($0) }) else { return nil }
        let previous = message.header("Nats-Last-Sequence").flatMap { UInt64($0) } ?? 0
        incarnation.saw(sequence)
        return entry(message.payload, topic, SequenceNumber(sequence), previous == 0 ? nil : SequenceNumber(previous))
    }

    /// - Returns: nil for a subject that is no topic of ours.
    func stored(_ message: StoredMessage) -> Entry? {
        Subject.topic(of: message.subject).map { stored(message, in: $0) }
    }

    /// Where the topic is known already.
    func stored(_ message: StoredMessage, in topic: Topic) -> Entry {
        entry(message.payload, topic, SequenceNumber(message.sequence), nil)
    }

    private func entry(
        _ payload: [UInt8], _ topic: Topic, _ sequence: SequenceNumber, _ previous: SequenceNumber?
    ) -> Entry {
        Entry(
            topic: topic, sequence: sequence, previous: previous,
            body: StoredPayload.decode(
                payload, in: topic, sequence: sequence, epoch: incarnation.epoch, now: time.wall()))
    }
}
