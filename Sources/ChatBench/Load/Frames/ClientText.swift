/// The messages of a client, as bytes of masked WebSocket frames, built without encoding anything twice.
///
/// The masking key is zero. RFC 6455 requires an unpredictable key, so that scripts in browsers cannot attack caches. A
/// load generator does not need that, and the server unmasks the frames in any case.
struct ClientText {
    /// The length of 96 random bits in hexadecimal, which the protocol recommends.
    static let idBytes = 24

    private let run: String
    private let rooms: [[UInt8]]
    private let marker: [UInt8]
    private let padding: [UInt8]
    private var payload: [UInt8] = []

    init(plan: LoadPlan) {
        run = plan.run
        rooms = (0..<plan.rooms).map { Array(plan.roomName($0).utf8) }
        marker = Array("~\(plan.run):".utf8)
        padding = LoadText.padding(plan.contentBytes - LoadText.headerBytes)
    }

    /// Appends a `chat_message` of `chat.v2`, with the message's number as its reference.
    mutating func appendMessage(_ number: Int, room: Int, to frames: inout [UInt8]) {
        payload.removeAll(keepingCapacity: true)
        append(#"{"type":"chat_message","ref":""#)
        payload.append(contentsOf: String(number).utf8)
        append(#"","id":""#)
        payload.append(contentsOf: run.utf8)
        let digits = String(number).utf8
        for _ in 0..<max(0, Self.idBytes - LoadText.runDigits - digits.count) { payload.append(UInt8(ascii: "0")) }
        payload.append(contentsOf: digits)
        append(#"","room":""#)
        payload.append(contentsOf: rooms[room])
        append(#"","content":""#)
        appendContent(number)
        append(#""}"#)
        Self.append(payload, opcode: ServerFrame.text, to: &frames)
    }

    /// Appends a classic `chat_message`.
    mutating func appendClassicMessage(_ number: Int, to frames: inout [UInt8]) {
        payload.removeAll(keepingCapacity: true)
        append(#"{"type":"chat_message","content":""#)
        appendContent(number)
        append(#""}"#)
        Self.append(payload, opcode: ServerFrame.text, to: &frames)
    }

    private mutating func append(_ text: StaticString) {
        payload.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func appendContent(_ number: Int) {
        payload.append(contentsOf: marker)
        withUnsafeBytes(of: LoadText.digits(of: UInt32(truncatingIfNeeded: number))) { payload.append(contentsOf: $0) }
        payload.append(contentsOf: padding)
    }

    /// Appends a frame with `payload`, of any length.
    static func append(_ payload: some Collection<UInt8>, opcode: UInt8, to frames: inout [UInt8]) {
        frames.append(0x80 | opcode)
        let count = payload.count
        if count < 126 {
            frames.append(0x80 | UInt8(count))
        } else if count <= 0xFFFF {
            frames.append(0x80 | 126)
            frames.append(UInt8(count >> 8))
            frames.append(UInt8(count & 0xFF))
        } else {
            frames.append(0x80 | 127)
            for place in (0..<8).reversed() { frames.append(UInt8(truncatingIfNeeded: count >> (8 * place))) }
        }
        for _ in 0..<4 { frames.append(0) }
        frames.append(contentsOf: payload)
    }
}
