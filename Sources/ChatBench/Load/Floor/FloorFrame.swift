import Wire

/// A server's frame. Its copies differ in two places only: the message's number, and its `seq`.
struct FloorFrame: Equatable {
    /// Enough digits for any run, and as many as on a busy server.
    private static let sequenceDigits = 8

    /// With the header.
    private(set) var bytes: [UInt8]
    /// The position of the number's eight bytes.
    let numberAt: Int
    /// The position of the digits of `seq`; empty if there is none.
    let sequence: Range<Int>

    /// - Parameter payload: a `chat_message` of `run`, as a server sent it.
    /// - Returns: nil if it is not one.
    init?(payload: [UInt8], run: String) {
        let found: ObjectFields? = payload.withUnsafeBytes { bytes in
            guard let fields = ObjectScanner.fields(in: bytes), let content = fields.content,
                content.count >= LoadText.headerBytes,
                bytes.loadUnaligned(fromByteOffset: content.lowerBound, as: UInt64.self) == LoadText.marker(run: run)
            else { return nil }
            return fields
        }
        guard let found, let content = found.content else { return nil }
        var payload = payload
        var sequence = found.seqAt ?? 0..<0
        var spare = content.count - LoadText.headerBytes
        while !sequence.isEmpty, sequence.count < Self.sequenceDigits {
            payload.insert(UInt8(ascii: "1"), at: sequence.lowerBound)
            sequence = sequence.lowerBound..<sequence.upperBound + 1
            // The length does not change as long as there is padding to remove.
            if spare > 0, content.upperBound <= sequence.lowerBound {
                spare -= 1
                payload.remove(at: content.lowerBound + LoadText.headerBytes)
                sequence = sequence.lowerBound - 1..<sequence.upperBound - 1
            }
        }
        let count = payload.count
        let header: [UInt8] =
            count < 126
            ? [0x81, UInt8(count)]
            : [0x81, 126, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        bytes = header + payload
        numberAt = header.count + content.lowerBound + 8
        self.sequence =
            sequence.isEmpty ? 0..<0 : header.count + sequence.lowerBound..<header.count + sequence.upperBound
    }

    /// A frame like those that a server of this project sends for `plan`.
    static func made(for plan: LoadPlan) -> FloorFrame? {
        let content = Array("~\(plan.run):aaaaaaaa".utf8) + LoadText.padding(plan.contentBytes - LoadText.headerBytes)
        let message = V2Message(
            id: plan.run + String(repeating: "0", count: ClientText.idBytes - LoadText.runDigits),
            room: plan.roomName(0), sender: plan.username(0), content: String(decoding: content, as: UTF8.self),
            timestamp: "2026-01-01T00:00:00.000Z", sequence: 12345)
        return FloorFrame(payload: V2Frame(.chatMessage(message)).json, run: plan.run)
    }
}
