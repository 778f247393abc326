import NIOCore
import NIOEmbedded
import NIOWebSocket

@testable import WebSocketRules

/// What a stream of frames comes to.
struct FrameReading: Equatable {
    /// What the caller of the assembler is to do, up to the end of the connection.
    var actions: [MessageAssembler.Action] = []
    /// Why NIO's decoder gave up; nil where it did not.
    var failure: String?

    /// Reads a stream as a connection does: by NIO's decoder first, then by the assembler.
    ///
    /// - Parameters:
    ///   - compression: whether permessage-deflate was agreed on.
    ///   - maximumBytes: the greatest size of a frame and of a message.
    /// - Throws: ``Finding`` where more is kept of a message than it may have.
    static func of(
        _ pieces: [ArraySlice<UInt8>], for receiver: MessageAssembler.Receiver, compression: Bool = false,
        maximumBytes: Int
    ) throws -> FrameReading {
        let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: maximumBytes))
        let channel = EmbeddedChannel(handler: decoder)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var assembler = MessageAssembler(
            for: receiver, acceptsBinary: receiver == .client, maximumBytes: maximumBytes)
        let inflater = compression ? Inflater() : nil
        var reading = FrameReading()
        for piece in pieces {
            var failure: String?
            do { try channel.writeInbound(ByteBuffer(bytes: piece)) } catch { failure = "\(error)" }
            while let frame = try channel.readInbound(as: WebSocketFrame.self) {
                let action = assembler.receive(frame, inflater: inflater)
                reading.actions.append(action)
                let limit = compression ? Inflater.compressedLimit(forInflated: maximumBytes) : maximumBytes
                try require(
                    (assembler.fragments?.readableBytes ?? 0) <= limit, "more is kept than a message may have")
                if action.endsConnection { return reading }
            }
            guard failure == nil else {
                reading.failure = failure
                return reading
            }
        }
        return reading
    }

    /// One masked frame with less than 65,536 bytes.
    static func frame(_ data: ArraySlice<UInt8>, _ opcode: UInt8, isLast: Bool, mask: UInt8) -> [UInt8] {
        let keys = [mask, mask &* 3, ~mask, mask &+ 77]
        var frame = [(isLast ? 0x80 : 0) | opcode]
        if data.count < 126 {
            frame.append(0x80 | UInt8(data.count))
        } else {
            frame += [0x80 | 126, UInt8(truncatingIfNeeded: data.count >> 8), UInt8(truncatingIfNeeded: data.count)]
        }
        return frame + keys + zip(data, 0...).map { $0 ^ keys[$1 % 4] }
    }
}

extension MessageAssembler.Action {
    /// Whether the connection ends after it, so that nothing more is read.
    fileprivate var endsConnection: Bool {
        switch self {
        case .close, .violation, .brokenClose: true
        default: false
        }
    }
}
