import Wire

/// The server's limits: the longest message, and the largest frame.
struct FrameLimits: Equatable, Sendable {
    private(set) var limits = V2Welcome.Limits(messageBytes: 0, messagesPerWindow: 0, windowSeconds: 0)
    /// The size of a frame for which the connection was closed with 1009, under these limits.
    private var refusedBytes: Int?

    /// The server told its limits. If they changed, it is another server, or another version of it.
    mutating func learn(_ limits: V2Welcome.Limits) {
        if self.limits != limits { refusedBytes = nil }
        self.limits = limits
    }

    /// The server closed the connection for a frame of this size.
    mutating func refused(_ bytes: Int) { refusedBytes = bytes }

    /// The largest frame that the server accepts, in bytes. Servers that do not tell it are of earlier versions, which
    /// all have the same limit. It must be known beforehand, because the close code after a larger frame can get lost
    /// with the connection.
    private var frameBytes: Int {
        min(limits.frameBytes > 0 ? limits.frameBytes : FrameLimit.leastBytes, refusedBytes.map { $0 - 1 } ?? .max)
    }

    /// Why a line cannot be sent; `nil` if nothing is known against it.
    func excess(of item: Outgoing, as request: V2Request) -> String? {
        if let content = item.request.content, limits.messageBytes > 0 {
            let excess = content.utf8.count - limits.messageBytes
            if excess > 0 { return "too long by \(excess) bytes; the server takes \(limits.messageBytes)" }
        }
        // Most lines are so short that their encoded size need not be computed.
        let most = frameBytes
        guard 6 * item.line.utf8.count + FrameLimit.envelopeBytes > most else { return nil }
        let size = request.json.count
        return size > most ? "too long as it is written in a frame: \(size) bytes; the server takes \(most)" : nil
    }

    /// Why a frame for which the connection was closed is not sent again.
    static func words(for bytes: Int) -> String {
        "too long for the server as it is written in a frame: \(bytes) bytes"
    }
}
