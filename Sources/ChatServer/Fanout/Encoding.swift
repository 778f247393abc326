import Domain
import NIOCore

/// One way to put events into bytes. All connections with the same encoding are written the same buffers.
///
/// A small value, by which the fan-out counts and groups readers. ``EncodingTable`` hands it out and knows what it means.
struct Encoding: Hashable, Sendable {
    /// The encoding's place in its table, from 0.
    let position: Int

    fileprivate init(position: Int) { self.position = position }
}

/// The encodings that connections of this instance can have. Filled at assembly, before the first connection.
struct EncodingTable: Sendable {
    struct Entry: Sendable {
        let encoding: Encoding
        /// Whether its readers read the log. They count by its sequence numbers, and get what comes late from there.
        let readsLog: Bool
        /// Turns an event into finished bytes; nil where the encoding has no words for it. Called once per event and
        /// instance, on the thread that delivers the event.
        let frame: @Sendable (TopicEvent) -> ByteBuffer?
    }

    private(set) var entries: [Entry] = []

    mutating func register(
        readsLog: Bool, frame: @escaping @Sendable (TopicEvent) -> ByteBuffer?
    ) -> Encoding {
        let encoding = Encoding(position: entries.count)
        entries.append(Entry(encoding: encoding, readsLog: readsLog, frame: frame))
        return encoding
    }

    /// - Returns: nil where the encoding has no words for the event.
    func frame(of event: TopicEvent, in encoding: Encoding) -> ByteBuffer? { entries[encoding.position].frame(event) }
}
