import Domain
import NIOCore
import WebSocketRules

/// One way to put events into bytes. All connections with the same encoding are written the same buffers.
///
/// A small value, by which the fan-out counts and groups readers. ``EncodingTable`` hands it out and knows what it means.
struct Encoding: Hashable, Sendable {
    /// The encoding's place in its table, from 0.
    let position: Int

    fileprivate init(position: Int) { self.position = position }
}

/// The encodings that connections of this instance can have. Filled at assembly, before the first connection.
///
/// A dialect has one for its plain texts. Where compression is on it has one more for each window (``DeflateWindow``),
/// with the same texts compressed.
struct EncodingTable: Sendable {
    struct Entry: Sendable {
        let encoding: Encoding
        /// Whether its readers read the log. They count by its sequence numbers, and get what comes late from there.
        let readsLog: Bool
        /// Turns an event into finished bytes; nil where the encoding has no words for it. Called once per event and
        /// instance, on the thread that delivers the event.
        let frame: @Sendable (TopicEvent) -> ByteBuffer?
        /// Turns what everybody is told into finished bytes; nil where the encoding has no words for it.
        let announcement: @Sendable (ServerAnnouncement) -> ByteBuffer?
    }

    /// Nil: compression is off.
    let compression: MessageCompression?
    private(set) var entries: [Entry] = []

    init(compression: MessageCompression? = nil) { self.compression = compression }

    /// Adds the encodings of a dialect.
    ///
    /// - Parameters:
    ///   - text: the message that tells its clients of an event.
    ///   - announcement: the message that tells them what everybody is told.
    /// - Returns: the plain one.
    mutating func register(
        readsLog: Bool, text: @escaping @Sendable (TopicEvent) -> [UInt8]?,
        announcement: @escaping @Sendable (ServerAnnouncement) -> [UInt8]? = { _ in nil }
    ) -> Encoding {
        let plain = add(readsLog: readsLog) {
            text($0).map(ServerFrame.text)
        } announcement: {
            announcement($0).map(ServerFrame.text)
        }
        guard let compression else { return plain }
        for window in DeflateWindow.allCases {
            let compressor = compression[window]
            _ = add(readsLog: readsLog) {
                text($0).map(compressor.text)
            } announcement: {
                announcement($0).map(compressor.text)
            }
        }
        return plain
    }

    /// Adds one encoding by itself.
    ///
    /// - Parameters:
    ///   - frame: see ``Entry``.
    ///   - announcement: see ``Entry``.
    mutating func add(
        readsLog: Bool, frame: @escaping @Sendable (TopicEvent) -> ByteBuffer?,
        announcement: @escaping @Sendable (ServerAnnouncement) -> ByteBuffer? = { _ in nil }
    ) -> Encoding {
        let encoding = Encoding(position: entries.count)
        entries.append(Entry(encoding: encoding, readsLog: readsLog, frame: frame, announcement: announcement))
        return encoding
    }

    /// The encoding of the same texts for a client that has agreed on compression.
    ///
    /// - Parameter window: nil: it has not.
    func encoding(_ plain: Encoding, _ window: DeflateWindow?) -> Encoding {
        guard compression != nil, let window, let place = DeflateWindow.allCases.firstIndex(of: window) else {
            return plain
        }
        return Encoding(position: plain.position + 1 + place)
    }

    /// - Returns: nil where the encoding has no words for the event.
    func frame(of event: TopicEvent, in encoding: Encoding) -> ByteBuffer? { entries[encoding.position].frame(event) }
}
