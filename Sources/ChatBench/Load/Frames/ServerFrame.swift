/// A WebSocket frame as a server sends it, read in place.
struct ServerFrame {
    var opcode: UInt8
    /// Whether the message ends with this frame; otherwise it continues in the next one.
    var isFinal: Bool
    /// Whether the payload is compressed (RFC 7692).
    var isCompressed: Bool
    /// The position of the payload in the bytes.
    var payload: Range<Int>

    static let continuation: UInt8 = 0
    static let text: UInt8 = 1
    static let close: UInt8 = 8
    static let ping: UInt8 = 9

    /// Whether it is a control frame, which is not part of a message.
    @inline(__always)
    var isFragment: Bool { !isFinal || opcode == Self.continuation }

    enum Found {
        case frame(ServerFrame)
        /// More bytes are needed: this many in total, as far as is known.
        case partial(needed: Int)
        /// No server may send this.
        case invalid
    }

    @inline(__always)
    static func find(in bytes: UnsafeRawBufferPointer, at start: Int) -> Found {
        let available = bytes.count - start
        guard available >= 2 else { return .partial(needed: 2) }
        let first = bytes[start]
        let second = bytes[start + 1]
        // Bits that are reserved even with compression, or a mask.
        guard first & 0x30 == 0, second & 0x80 == 0 else { return .invalid }
        var header = 2
        var length = Int(second)
        if length == 126 {
            header = 4
            guard available >= header else { return .partial(needed: header) }
            length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
        } else if length == 127 {
            header = 10
            guard available >= header else { return .partial(needed: header) }
            var long: UInt64 = 0
            for place in 2..<10 { long = long << 8 | UInt64(bytes[start + place]) }
            guard long <= 1 << 40 else { return .invalid }
            length = Int(long)
        }
        guard available - header >= length else { return .partial(needed: header + length) }
        let payload = start + header
        return .frame(
            ServerFrame(
                opcode: first & 0x0F, isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0,
                payload: payload..<payload + length))
    }
}
