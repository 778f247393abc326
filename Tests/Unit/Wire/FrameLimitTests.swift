import Testing
import Wire

struct FrameLimitTests {
    /// A text of so many scalars as a client may write it at its longest.
    private func escaped(_ scalars: Int) -> String { String(repeating: #"\ud83d\ude00"#, count: scalars) }

    @Test(arguments: [1, 100, 10_240, 16_384, 32_768])
    func `a frame of the greatest length holds every content that is allowed, however it is escaped`(bytes: Int) {
        let content = String(repeating: #"\u0000"#, count: bytes)
        // Three scalars can become one in normalisation form C.
        let frames = [
            #"{"type":"chat_message","ref":"\#(escaped(64))","id":"\#(escaped(64))","room":"\#(escaped(3 * 64))","content":"\#(content)"}"#,
            #"{"type":"private_message","ref":"\#(escaped(64))","id":"\#(escaped(64))","to":"\#(escaped(3 * 32))","content":"\#(content)"}"#,
        ]
        for frame in frames { #expect(frame.utf8.count <= FrameLimit.bytes(forContentOf: bytes)) }
    }

    @Test(arguments: ["\0", "\u{1F}", "\"", "\\", "\t", "x", "日"], [16_384, 32_768])
    func `what a server writes fits, too, and into what a client accepts`(unit: String, bytes: Int) throws {
        let content = String(repeating: unit, count: bytes / unit.utf8.count)
        let name = String(repeating: "😀", count: 64)
        let message = V2Message(id: name, room: name, sender: name, content: content, timestamp: "t", sequence: .max)
        let json = V2Frame(.chatMessage(message)).json
        #expect(json.count <= FrameLimit.bytes(forContentOf: bytes))
        #expect(try V2Frame(json: json).event == .chatMessage(message))
        // docs/chat-v2.md, “Frames”: with the rest of a page, which is no larger, since that one message is a page.
        #expect(json.count <= 512 << 10)
    }
}
