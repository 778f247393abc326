import Domain
import NIOCore

/// One event on its way to the readers on one event loop, in finished bytes that all readers of an encoding share.
struct Delivery: Sendable {
    /// A message's name, time and place.
    struct Message: Sendable {
        let id: MessageID
        let timestamp: Timestamp
        let sequence: SequenceNumber
    }

    struct Frame: Sendable {
        let encoding: Encoding
        let bytes: ByteBuffer
    }

    let topic: Topic
    /// One for each encoding that has words for the event and readers here.
    let frames: [Frame]
    /// Nil for other events than messages, and where nobody here counts by sequence numbers.
    let message: Message?
    /// When a message came in from the log; nil for other events.
    let arrived: NIODeadline?
    /// Whose doing it is: of a message the one who awaits its acknowledgement.
    let except: Connection?
    /// Of all frames together.
    let bytes: Int

    init(topic: Topic, frames: [Frame], message: Message?, arrived: NIODeadline?, except: Connection?) {
        self.topic = topic
        self.frames = frames
        self.message = message
        self.arrived = arrived
        self.except = except
        bytes = frames.reduce(0) { $0 + $1.bytes.readableBytes }
    }

    /// Once per event and group of readers, not per reader; there are a few frames at most.
    func frame(in encoding: Encoding) -> ByteBuffer? {
        for frame in frames where frame.encoding == encoding { return frame.bytes }
        return nil
    }
}
