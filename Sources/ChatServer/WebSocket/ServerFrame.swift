import NIOCore
import Wire

/// Encoded frames from server to client (RFC 6455 §5.2): unmasked, never fragmented.
///
/// They are encoded once, not per recipient, and bypass NIO's frame encoder.
enum ServerFrame: PeerFraming {
    /// The kinds of messages, with their opcodes.
    enum Kind: UInt8 {
        case text = 0x1
        case binary = 0x2
    }

    /// RSV1: the message is compressed (RFC 7692 §6).
    private static let compressedBit: UInt8 = 0x40

    static func text(_ payload: [UInt8]) -> ByteBuffer { payload.withUnsafeBytes { message(.text, $0) } }

    /// - Parameter isCompressed: whether the payload is what RFC 7692 makes of a message.
    static func message(_ kind: Kind, _ payload: UnsafeRawBufferPointer, isCompressed: Bool = false) -> ByteBuffer {
        frame(opcode: isCompressed ? kind.rawValue | compressedBit : kind.rawValue, payload)
    }

    static func ping() -> ByteBuffer { frame(opcode: 0x9, UnsafeRawBufferPointer(start: nil, count: 0)) }

    static func pong(_ payload: ByteBuffer) -> ByteBuffer {
        payload.withUnsafeReadableBytes { frame(opcode: 0xA, $0) }
    }

    static func close(_ goodbye: Goodbye) -> ByteBuffer { close(goodbye.code, reason: goodbye.reason) }

    /// - Parameter code: ``CloseCode/noStatus`` stands for none.
    static func close(_ code: CloseCode, reason: String = "") -> ByteBuffer {
        let number = code.rawValue
        let payload =
            code == .noStatus ? [] : [UInt8(number >> 8), UInt8(number & 0xFF)] + Array(reason.utf8.prefix(123))
        return payload.withUnsafeBytes { frame(opcode: 0x8, $0) }
    }

    private static func frame(opcode: UInt8, _ payload: UnsafeRawBufferPointer) -> ByteBuffer {
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
