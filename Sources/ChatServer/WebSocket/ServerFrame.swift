import NIOCore
import Wire

/// Encoded frames from server to client (RFC 6455 §5.2): unmasked, never fragmented.
///
/// They are encoded once, not per recipient, and bypass NIO's frame encoder.
enum ServerFrame: PeerFraming {
    static func text(_ payload: [UInt8]) -> ByteBuffer { frame(opcode: 0x1, payload) }

    static func ping() -> ByteBuffer { frame(opcode: 0x9, []) }

    static func pong(_ payload: ByteBuffer) -> ByteBuffer { frame(opcode: 0xA, payload.readableBytesView) }

    static func close(_ goodbye: Goodbye) -> ByteBuffer { close(goodbye.code, reason: goodbye.reason) }

    /// - Parameter code: ``CloseCode/noStatus`` stands for none.
    static func close(_ code: CloseCode, reason: String = "") -> ByteBuffer {
        guard code != .noStatus else { return frame(opcode: 0x8, []) }
        let number = code.rawValue
        return frame(opcode: 0x8, [UInt8(number >> 8), UInt8(number & 0xFF)] + Array(reason.utf8.prefix(123)))
    }

    private static func frame(opcode: UInt8, _ payload: some Collection<UInt8>) -> ByteBuffer {
        let count = payload.count
        var buffer = ByteBufferAllocator().buffer(capacity: count + 10)
        buffer.writeInteger(0x80 | opcode)
        switch count {
        case ..<126:
            buffer.writeInteger(UInt8(count))
        case ..<65_536:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(count))
        }
        buffer.writeBytes(payload)
        return buffer
    }
}
