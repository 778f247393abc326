import Testing

@testable import ChatClient

@Suite struct OutputStyleTests {
    @Test(
        arguments: [
            (.privateMessage(timestamp: "12:00", sender: "b\u{1B}ob", content: "a\u{7}"), "[12:00] [Private] b␛ob: a␇"),
            (.sentPrivately(to: "b\u{202E}ob", content: "a\nb"), "[Sent to bob privately] a⏎b"),
            (.failed(line: "a\u{1B}[2J", reason: "no\u{7}"), "[Not sent] a␛[2J (no␇)"),
            (.message(timestamp: "\u{1B}", room: "d\nev", sender: "b\tob", content: "\r"), "[␛] [d⏎ev] b    ob: ⏎"),
            (.status("\u{1B}"), "*** ␛"),
        ] as [(Output, String)])
    func `What strangers wrote comes out as text`(output: Output, line: String) {
        #expect(OutputStyle(isColoured: false).lines(for: output) == [line])
    }

    @Test func `Of a line that was not sent only the beginning is repeated`() {
        let line = String(repeating: "x", count: 1000)
        let shown = OutputStyle(isColoured: false).lines(for: .failed(line: line, reason: "too long"))
        #expect(shown == ["[Not sent] \(line.prefix(200))… (too long)"])
    }
}
