import NIOCore
import WebSocketRules

/// Compresses and inflates messages for all connections of a transport. Since no message needs another one, a connection
/// has no memory for it. Used on the transport's event loop.
final class MessageCodec {
    /// Messages with less are sent as they are.
    let minimumBytes: Int
    let inflater = Inflater()
    private var deflaters: [DeflateWindow: Deflater] = [:]

    init(_ compression: WebSocketTransport.Compression) { minimumBytes = compression.minimumBytes }

    /// - Returns: nil where the message is to be sent as it is.
    func deflate(_ message: ByteBuffer, _ window: DeflateWindow) -> ByteBuffer? {
        guard message.readableBytes >= minimumBytes else { return nil }
        let deflater = deflaters[window] ?? Deflater(window)
        deflaters[window] = deflater
        return message.withUnsafeReadableBytes { deflater.deflate($0) }
    }
}
