import Domain
import NIOCore
import Service

/// One event on its way to the readers on one event loop, in finished bytes that all readers of an encoding share.
struct Delivery: Sendable {
    /// A contribution's id, time and number.
    struct Place: Sendable {
        let id: MessageID
        let timestamp: Timestamp
        let sequence: SequenceNumber
    }

    struct Frame: Sendable {
        let encoding: Encoding
        let bytes: ByteBuffer
    }

    /// The connections here of whoever has done what is told.
    enum Senders {
        case none
        case one(Connection)
        case several([Connection])

        init(_ connections: UserConnections) {
            switch connections {
            case .none: self = .none
            case .one(let connection): self = (connection as? Connection).map { .one($0) } ?? .none
            case .several(let connections): self = .several(connections.compactMap { $0 as? Connection })
            }
        }

        func contains(_ connection: Connection) -> Bool {
            switch self {
            case .none: false
            case .one(let sender): sender === connection
            case .several(let senders): senders.contains { $0 === connection }
            }
        }

        func forEach(_ body: (Connection) -> Void) {
            switch self {
            case .none: break
            case .one(let sender): body(sender)
            case .several(let senders): for sender in senders { body(sender) }
            }
        }
    }

    let topic: Topic
    /// One for each encoding that has words for the event and readers here.
    let frames: [Frame]
    /// Nil for what is no contribution to a log, and where no reader here counts by sequence numbers.
    let place: Place?
    /// When a contribution came in from the log; nil for other events.
    let arrived: NIODeadline?
    /// The connections here of the user who has caused the event. For a contribution, one of them awaits the
    /// acknowledgement.
    let except: Senders
    /// The contribution's id; nil for other events.
    let id: MessageID?
    /// Of all frames together.
    let bytes: Int

    init(
        topic: Topic, frames: [Frame], place: Place?, arrived: NIODeadline?, except: Senders, id: MessageID? = nil
    ) {
        self.topic = topic
        self.frames = frames
        self.place = place
        self.arrived = arrived
        self.except = except
        self.id = id
        bytes = frames.reduce(0) { $0 + $1.bytes.readableBytes }
    }

    /// Once per event and group of readers, not per reader; there are a few frames at most.
    func frame(in encoding: Encoding) -> ByteBuffer? {
        for frame in frames where frame.encoding == encoding { return frame.bytes }
        return nil
    }
}
