import NIOCore
import NIOWebSocket

/// Puts the server's frames together to messages, and holds the server to RFC 6455 where NIO's decoder does not.
struct MessageAssembler {
    enum Result: Equatable {
        /// Part of a message; more follows.
        case incomplete
        case text(ByteBuffer)
        case binary
        /// To be answered with the same bytes.
        case ping(ByteBuffer)
        case pong
        case close(CloseCode, reason: String)
        /// The server broke the protocol: the connection is to be failed with this code (§7.1.7).
        case violation(CloseCode, String)
    }

    /// Of a whole message, in bytes.
    static let largestMessage = 4 * 1024 * 1024

    private var partial: (opcode: WebSocketOpcode, data: ByteBuffer)?

    mutating func accept(_ frame: WebSocketFrame) -> Result {
        if frame.maskKey != nil { return .violation(.protocolError, "masked frame") }  // §5.1
        if !frame.reservedBits.isEmpty { return .violation(.protocolError, "reserved bits are set") }  // §5.2
        switch frame.opcode {
        case .ping: return .ping(frame.data)
        case .pong: return .pong
        case .connectionClose: return Self.close(frame.data)
        case .text, .binary:
            if partial != nil { return .violation(.protocolError, "new message inside of another") }  // §5.4
            return extend((frame.opcode, frame.data), isLast: frame.fin)
        case .continuation:
            guard var message = partial else { return .violation(.protocolError, "continuation of nothing") }
            guard message.data.readableBytes + frame.data.readableBytes <= Self.largestMessage else {
                return .violation(.tooBig, "message too big")
            }
            partial = nil
            message.data.writeImmutableBuffer(frame.data)
            return extend(message, isLast: frame.fin)
        default: return .violation(.protocolError, "reserved opcode")  // §5.2
        }
    }

    private mutating func extend(_ message: (opcode: WebSocketOpcode, data: ByteBuffer), isLast: Bool) -> Result {
        guard isLast else {
            partial = message
            return .incomplete
        }
        if message.opcode == .binary { return .binary }
        guard String(validating: message.data.readableBytesView, as: UTF8.self) != nil else {
            return .violation(.invalidText, "text that is no UTF-8")  // §8.1
        }
        return .text(message.data)
    }

    private static func close(_ data: ByteBuffer) -> Result {
        var data = data
        if data.readableBytes == 0 { return .close(.noStatus, reason: "") }
        guard let code = data.readInteger(as: UInt16.self), isValid(code) else {
            return .violation(.protocolError, "bad close code")
        }
        guard let reason = String(validating: data.readableBytesView, as: UTF8.self) else {
            return .violation(.invalidText, "close reason that is no UTF-8")
        }
        return .close(CloseCode(rawValue: code), reason: reason)
    }

    /// §7.4: what may stand in a close frame.
    private static func isValid(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
