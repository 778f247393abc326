import Domain
import Service
import Synchronization

/// Turns messages of the stream into log entries: those that are republished live, and those that are read back.
struct EntryDecoder: Sendable {
    let epoch: Epoch
    let time: TimeSource

    /// - Returns: nil where the message does not say which place it has in the log: it did not come from the stream.
    func live(_ message: borrowing NATSMessage, in room: RoomName) -> LogEntry? {
        guard let sequence = message.header("Nats-Sequence").flatMap({ UInt64($0) }) else { return nil }
        let previous = message.header("Nats-Last-Sequence").flatMap { UInt64($0) } ?? 0
        return entry(message.payload, room, SequenceNumber(sequence), previous == 0 ? nil : SequenceNumber(previous))
    }

    /// - Returns: nil for a subject that is no room of ours.
    func stored(_ message: borrowing NATSMessage, at sequence: SequenceNumber) -> LogEntry? {
        guard let room = Subject.room(of: message.subject) else { return nil }
        return entry(message.payload, room, sequence, nil)
    }

    private func entry(
        _ payload: [UInt8], _ room: RoomName, _ sequence: SequenceNumber, _ previous: SequenceNumber?
    ) -> LogEntry {
        LogEntry(
            room: room, sequence: sequence, previous: previous,
            event: StoredPayload.decode(
                payload, room: room, sequence: sequence, epoch: epoch.name, now: time.wall()))
    }
}

/// Names the incarnation of the log: when its stream was created. Changes where somebody deletes the stream.
final class Epoch: Sendable {
    private let created: Mutex<Int64>

    /// - Parameter created: nanoseconds since 1970, as JetStream tells.
    init(created: Int64) { self.created = Mutex(created) }

    var name: String { String(created.withLock { $0 }, radix: 36) }

    /// - Returns: whether it is another incarnation.
    func update(created new: Int64) -> Bool {
        created.withLock { created in
            defer { created = new }
            return created != new
        }
    }
}
