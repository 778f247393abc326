import Domain
import NIOCore

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

    let topic: Topic
    /// One for each encoding that has words for the event and readers here.
    let frames: [Frame]
    /// Nil for what is no contribution to a log, and where no reader here counts by sequence numbers.
    let place: Place?
    /// When a contribution came in from the log; nil for other events.
    let arrived: NIODeadline?
    /// The connection whose user has caused the event. For a contribution, it awaits the acknowledgement.
    let except: Connection?
    /// Of all frames together.
    let bytes: Int

    init(topic: Topic, frames: [Frame], place: Place?, arrived: NIODeadline?, except: Connection?) {
        self.topic = topic
        self.frames = frames
        self.place = place
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
