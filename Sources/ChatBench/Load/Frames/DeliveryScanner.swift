/// Reads number and sequence from the very frequent frames, mostly without looking at most of their bytes.
///
/// A server writes the same fields in the same order each time. So the content is first searched where it was in the
/// frame before. If it is not there, `ObjectScanner` finds it; the scanner does not depend on any order of fields.
struct DeliveryScanner {
    struct Delivery: Equatable {
        var number: UInt32
        /// Zero if the frame has none, as in the classic dialect.
        var sequence: UInt64
    }

    private let marker: UInt64
    private var contentAt = 0

    init(run: String) { marker = LoadText.marker(run: run) }

    /// - Parameter isSequenced: whether messages of this dialect have a `seq`.
    /// - Returns: nil for everything that is not a `chat_message` of this run.
    @inline(__always)
    mutating func delivery(in frame: UnsafeRawBufferPointer, isSequenced: Bool) -> Delivery? {
        guard let base = frame.baseAddress, frame.count >= contentAt + LoadText.headerBytes, contentAt > 0,
            Self.isChatMessage(base),
            base.loadUnaligned(fromByteOffset: contentAt, as: UInt64.self) == marker,
            base.load(fromByteOffset: contentAt - 1, as: UInt8.self) == UInt8(ascii: "\""),
            let number = LoadText.number(digits: base.loadUnaligned(fromByteOffset: contentAt + 8, as: UInt64.self))
        else { return search(frame) }
        guard isSequenced else { return Delivery(number: number, sequence: 0) }
        if let sequence = Self.lastField(base, frame.count) { return Delivery(number: number, sequence: sequence) }
        return search(frame)
    }

    /// `{"type":"chat_message"`. A content that is found always begins after these 22 bytes.
    @inline(__always)
    private static func isChatMessage(_ base: UnsafeRawPointer) -> Bool {
        // `{"type":`, `"chat_me` and `message"`, as a little-endian machine loads them.
        base.loadUnaligned(as: UInt64.self) == 0x3A22_6570_7974_227B
            && base.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == 0x656D_5F74_6168_6322
            && base.loadUnaligned(fromByteOffset: 14, as: UInt64.self) == 0x2265_6761_7373_656D
    }

    /// The number in `,"seq":123}` at the very end of the frame. In JSON these bytes can mean nothing else: a quote
    /// after a comma begins a key, or it ends a text, and then no letter follows.
    /// - Returns: nil if the frame ends differently.
    @inline(__always)
    private static func lastField(_ base: UnsafeRawPointer, _ count: Int) -> UInt64? {
        var place = count - 1
        guard base.load(fromByteOffset: place, as: UInt8.self) == UInt8(ascii: "}") else { return nil }
        var value: UInt64 = 0
        var scale: UInt64 = 1
        place -= 1
        while place > 22 {
            let digit = base.load(fromByteOffset: place, as: UInt8.self) &- UInt8(ascii: "0")
            if digit > 9 { break }
            value &+= UInt64(digit) &* scale
            scale &*= 10
            place -= 1
        }
        guard place > 22, scale > 1, scale <= 1_000_000_000_000_000_000,
            // `,"se` and `eq":`.
            base.loadUnaligned(fromByteOffset: place - 6, as: UInt32.self) == 0x6573_222C,
            base.loadUnaligned(fromByteOffset: place - 3, as: UInt32.self) == 0x3A22_7165
        else { return nil }
        return value
    }

    @inline(never)
    private mutating func search(_ frame: UnsafeRawBufferPointer) -> Delivery? {
        guard let base = frame.baseAddress, let fields = ObjectScanner.fields(in: frame),
            let type = fields.type, frame.has("chat_message", in: type),
            let content = fields.content, content.count >= LoadText.headerBytes,
            base.loadUnaligned(fromByteOffset: content.lowerBound, as: UInt64.self) == marker,
            let number = LoadText.number(
                digits: base.loadUnaligned(fromByteOffset: content.lowerBound + 8, as: UInt64.self))
        else { return nil }
        if content.lowerBound > 22 { contentAt = content.lowerBound }
        return Delivery(number: number, sequence: fields.seq ?? 0)
    }
}
