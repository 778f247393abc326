import Wire

/// What the server takes: the longest message, and the largest frame that carries it.
struct FrameLimits: Equatable, Sendable {
    private(set) var limits = V2Welcome.Limits(messageBytes: 0, messagesPerWindow: 0, windowSeconds: 0)
    /// A frame of so many bytes was closed with 1009, under these limits.
    private var refusedBytes: Int?

    /// A server told its limits. If they are others it is another server, or another version of it.
    mutating func learn(_ limits: V2Welcome.Limits) {
        if self.limits != limits { refusedBytes = nil }
        self.limits = limits
    }

    /// A frame of so many bytes was more than the server takes.
    mutating func refused(_ bytes: Int) { refusedBytes = bytes }

    /// The largest frame that the server takes, in bytes. Those that do not tell are of earlier versions, which all have the
    /// same limit; the code of the close that follows a larger one can get lost with the connection.
    private var frameBytes: Int {
        min(limits.frameBytes > 0 ? limits.frameBytes : FrameLimit.leastBytes, refusedBytes.map { $0 - 1 } ?? .max)
    }

    /// What is wrong with a line that is not even to be sent; `nil` where nothing is known to be.
    func excess(of item: Outgoing, as request: V2Request) -> String? {
        if let content = item.request.content, limits.messageBytes > 0 {
            let excess = content.utf8.count - limits.messageBytes
            if excess > 0 { return "too long by \(excess) bytes; the server takes \(limits.messageBytes)" }
        }
        // Most lines are so short that nobody has to look at how they are written.
        let most = frameBytes
        guard 6 * item.line.utf8.count + FrameLimit.envelopeBytes > most else { return nil }
        let size = request.json.count
        return size > most ? "too long as it is written in a frame: \(size) bytes; the server takes \(most)" : nil
    }

    /// Why a frame of so many bytes, for which the connection was closed, is not sent again.
    static func words(for bytes: Int) -> String {
        "too long for the server as it is written in a frame: \(bytes) bytes"
    }
}
