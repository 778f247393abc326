import NIOCore

/// One WebSocket frame, legal or not, as these tests write and read it: bytes by the book, independent of the server's codec.
struct WebSocketFrame: Sendable {
    enum Opcode {
        static let continuation: UInt8 = 0x0
        static let text: UInt8 = 0x1
        static let binary: UInt8 = 0x2
        static let close: UInt8 = 0x8
        static let ping: UInt8 = 0x9
        static let pong: UInt8 = 0xA
    }

    var opcode: UInt8
    var isFinal = true
    /// The three reserved bits, as they stand in the first byte: 0x40, 0x20, 0x10.
    var reserved: UInt8 = 0
    var payload: [UInt8] = []
    var mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]

    static func text(_ text: String) -> Self { .init(opcode: Opcode.text, payload: Array(text.utf8)) }

    static func close(_ code: UInt16, _ reason: String = "") -> Self {
        .init(opcode: Opcode.close, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reserved | opcode]
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: bytes.append(masked | UInt8(payload.count))
        case ..<65_536: bytes += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(masked | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard let mask else { return bytes + payload }
        bytes += mask
        bytes.reserveCapacity(bytes.count + payload.count)
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index & 3]) }
        return bytes
    }

    /// Takes one frame from the front of `bytes`, or nothing where it is not complete.
    static func parse(_ bytes: inout ByteBuffer) -> WebSocketFrame? {
        var reader = bytes
        guard let first = reader.readInteger(as: UInt8.self), let second = reader.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let long = reader.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if length == 127 {
            guard let long = reader.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        var mask: [UInt8]?
        if second & 0x80 != 0 {
            guard let read = reader.readBytes(length: 4) else { return nil }
            mask = read
        }
        guard let payload = reader.readBytes(length: length) else { return nil }
        bytes = reader
        return WebSocketFrame(
            opcode: first & 0x0F, isFinal: first & 0x80 != 0, reserved: first & 0x70, payload: payload, mask: mask)
    }
}

/// The payload of a text frame, compared byte for byte: Swift's own comparison of strings would hide another normal form.
struct TextFrame: Equatable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }
    init(stringLiteral text: String) { self.init(text) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var description: String { bytes.count > 400 ? "\(text.prefix(300))… (\(bytes.count) bytes)" : text }
}
