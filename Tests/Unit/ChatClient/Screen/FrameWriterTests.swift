import Testing

@testable import ChatClient

@Suite struct FrameWriterTests {
    private let size = Size(columns: 10, rows: 3)

    private func frame(_ rows: [String], style: Style = .plain, cursor: Frame.Position? = nil) -> Frame {
        var frame = Frame(size)
        for (row, text) in rows.enumerated() { frame.put(text, style, row: row) }
        frame.cursor = cursor
        return frame
    }

    /// What is written, without what is there every time.
    private func written(_ writer: inout FrameWriter, _ frame: Frame) -> String {
        var text = writer.bytes(for: frame)
        for part in ["\u{1B}[?2026h", "\u{1B}[?2026l", "\u{1B}[?25l"] { text = text.replacing(part, with: "") }
        return text
    }

    @Test func `The first frame is drawn whole, the same again not at all`() {
        var writer = FrameWriter()
        #expect(written(&writer, frame(["one", "two"])) == "\u{1B}[0m\u{1B}[2J\u{1B}[1;1Hone\u{1B}[2;1Htwo")
        #expect(written(&writer, frame(["one", "two"])) == "")
    }

    @Test func `Only what changed is written`() {
        var writer = FrameWriter()
        _ = writer.bytes(for: frame(["hello you", "two"]))
        #expect(written(&writer, frame(["hallo you", "two"])) == "\u{1B}[1;2Ha")
        #expect(written(&writer, frame(["hallo", "two"])) == "\u{1B}[1;6H\u{1B}[K")
    }

    @Test func `After a resize, and when somebody else wrote, all of it is drawn`() {
        var writer = FrameWriter()
        _ = writer.bytes(for: frame(["one"]))
        writer.invalidate()
        #expect(written(&writer, frame(["one"])).contains("one"))
        var larger = Frame(Size(columns: 11, rows: 3))
        larger.put("one", .plain, row: 0)
        #expect(written(&writer, larger).contains("\u{1B}[2J\u{1B}[1;1Hone"))
    }

    @Test func `After a character of doubtful width the cursor is put where it belongs`() {
        var writer = FrameWriter()
        _ = writer.bytes(for: frame([]))
        // Its two cells are blanked first, since the terminal may give it one only.
        #expect(written(&writer, frame(["日x"])) == "\u{1B}[1;1H  \u{1B}[1;1H日\u{1B}[1;3Hx")
    }

    @Test func `A half that is overwritten takes its other half with it`() {
        var writer = FrameWriter()
        _ = writer.bytes(for: frame(["日x"]))
        #expect(written(&writer, frame(["a x"])) == "\u{1B}[1;1Ha\u{1B}[1;2H ".replacing("\u{1B}[1;2H", with: ""))
    }

    @Test func `Styles are selected when they change and reset at the end`() {
        var writer = FrameWriter()
        _ = writer.bytes(for: frame([]))
        let red = Style(foreground: .ansi(1), attributes: .bold)
        #expect(written(&writer, frame(["ab"], style: red)) == "\u{1B}[1;1H\u{1B}[0;1;31mab\u{1B}[0m")
    }

    @Test func `The cursor is shown where it belongs, or not at all`() {
        var writer = FrameWriter()
        let text = writer.bytes(for: frame([], cursor: .init(row: 2, column: 4)))
        #expect(text.hasSuffix("\u{1B}[3;5H\u{1B}[?25h\u{1B}[?2026l"))
        #expect(!writer.bytes(for: frame([])).contains("?25h"))
    }

    @Test(arguments: [
        (Colour.ansi(3), "33"), (.ansi(11), "93"), (.palette(200), "38;5;200"), (.rgb(1, 2, 3), "38;2;1;2;3"),
    ])
    func `Colours are asked for as the terminal knows them`(colour: Colour, codes: String) {
        #expect(Style(foreground: colour).sequence == "\u{1B}[0;\(codes)m")
    }

    @Test(
        arguments: [
            ("xterm-256color", "truecolor", false, ColourDepth.full), ("xterm-256color", nil, false, .palette),
            ("xterm", nil, false, .sixteen), ("linux", "", false, .sixteen), ("xterm-direct", nil, false, .full),
            ("xterm-256color", "truecolor", true, .none), ("vt100", nil, false, .none), (nil, nil, false, .none),
        ] as [(String?, String?, Bool, ColourDepth)])
    func `As many colours as the terminal says and its user wants`(
        term: String?, colorterm: String?, declines: Bool, depth: ColourDepth
    ) {
        #expect(ColourDepth(term: term, colorterm: colorterm, declines: declines) == depth)
    }

    @Test func `Whatever a row is given, it keeps to its cells`() {
        var frame = Frame(size)
        #expect(frame.put("0123456789abc", .plain, row: 0) == 10)
        #expect(frame.put("012345678日", .plain, row: 1) == 9)
        #expect(frame.put("x", .plain, row: 7) == 0)
        #expect(frame.text(row: 1) == "012345678")
        #expect(frame.rows.allSatisfy { $0.count == 10 })
    }
}
