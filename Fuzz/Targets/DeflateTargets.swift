import NIOCore

@testable import WebSocketRules

extension FuzzTarget {
    private static let maximumInflated = 2000

    /// Any bytes as a compressed message: no more comes of it than a message may have, and the next message does not notice.
    static let inflate = FuzzTarget("inflate", maximumBytes: 4096) { input in
        let inflater = Inflater()
        let first = try? inflater.inflate(ByteBuffer(bytes: input), atMost: maximumInflated)
        try require((first?.readableBytes ?? 0) <= maximumInflated, "more than a message may have")
        let probe = Array("what comes after it".utf8)
        let compressed = try compress(probe)
        let read = try inflater.inflate(compressed, atMost: probe.count)
        try requireSame(Array(read.readableBytesView), probe, "the message after it")
        try requireSame(
            try? inflater.inflate(ByteBuffer(bytes: input), atMost: maximumInflated), first, "a second time")
    }

    /// What was compressed is the same afterwards, and larger than the limit it is refused.
    static let deflate = FuzzTarget("deflate", maximumBytes: 4096) { input in
        for window in DeflateWindow.allCases {
            guard let compressed = input.withUnsafeBytes({ Deflater(window).deflate($0) }) else { continue }
            try require(compressed.readableBytes < input.count, "compressing makes it larger")
            let read = try Inflater().inflate(compressed, atMost: input.count)
            try require(read.readableBytesView.elementsEqual(input), "it came back as something else")
            do {
                _ = try Inflater().inflate(compressed, atMost: input.count - 1)
                throw Finding("a message is inflated beyond the limit")
            } catch Inflater.Failure.tooBig {}
        }
    }

    /// `Sec-WebSocket-Extensions`, in a request and in an answer. What a server answers its own client takes.
    static let extensions = FuzzTarget("extensions", maximumBytes: 2048) { input in
        let headers = String(decoding: input, as: UTF8.self).split(separator: "\n").map(String.init)
        _ = PerMessageDeflate(answeredBy: headers)
        guard let agreement = PerMessageDeflate(offeredIn: headers) else { return }
        try require(ExtensionHeader([agreement.answer]) != nil, "an answer against the grammar")
        try require(PerMessageDeflate(answeredBy: [agreement.answer]) != nil, "an answer that no client takes")
        try require((agreement.window?.bits ?? 15) <= 15, "a window out of range")
    }

    private static func compress(_ bytes: [UInt8]) throws -> ByteBuffer {
        // Stored blocks: small texts are not worth compressing.
        var block = ByteBuffer(bytes: [0x00, UInt8(bytes.count), 0, ~UInt8(bytes.count), 0xFF])
        block.writeBytes(bytes + [0x00])
        return block
    }
}
