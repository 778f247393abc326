import Domain
import NIOCore

/// Which of the two dialects a connection speaks (docs/protocol.md).
enum Dialect: Sendable {
    case classic
    case v2
}

/// One event on its way to the readers on one event loop: encoded once per dialect, for all of them.
struct Delivery: Sendable {
    /// A message's name, time and place; nil for other events.
    struct Message: Sendable {
        let id: MessageID
        let timestamp: Timestamp
        let sequence: SequenceNumber
    }

    let topic: Topic
    /// Nil where the dialect has no words for the event, or nobody here speaks it.
    let classic: ByteBuffer?
    let v2: ByteBuffer?
    let message: Message?
    /// When a message came in from the log; nil for other events.
    let arrived: NIODeadline?
    /// Whose doing it is: of a message the one who awaits its acknowledgement.
    let except: Connection?

    var bytes: Int { (classic?.readableBytes ?? 0) + (v2?.readableBytes ?? 0) }
}
