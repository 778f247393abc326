import Testing

@testable import ChatClient

/// What is written makes a terminal show the frame, whatever it showed before.
@Suite struct FrameOnTerminalTests {
    private static let alphabet: [Character] = ["a", "b", " ", " ", "日", "本", "é", "e\u{301}", "│", "–", "x", "ｆ"]
    private static let styles = [
        Style.plain, Style(attributes: .bold), Style(foreground: .palette(33)), Style(attributes: [.reversed, .dim]),
    ]

    private func frame(_ size: Size, _ generator: inout SystemRandomNumberGenerator, like other: Frame?) -> Frame {
        var frame = other.flatMap { $0.size == size && Bool.random(using: &generator) ? $0 : nil } ?? Frame(size)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let text = String(
                (0..<Int.random(in: 0...20, using: &generator)).compactMap { _ in
                    Self.alphabet.randomElement(using: &generator)
                })
            let row = Int.random(in: 0..<size.rows, using: &generator)
            let column = Int.random(in: 0..<size.columns, using: &generator)
            if Bool.random(using: &generator) { frame.fill(.plain, row: row) }
            // A wide character whose half would be overwritten is no frame that the screen draws.
            if frame.rows[row].contains(where: { $0.width != 1 }) { frame.fill(.plain, row: row) }
            frame.put(text, Self.styles.randomElement(using: &generator) ?? .plain, row: row, column: column)
        }
        frame.cursor = Frame.Position(
            row: Int.random(in: 0..<size.rows, using: &generator),
            column: Int.random(in: 0..<size.columns, using: &generator))
        return frame
    }

    @Test func `A terminal shows each frame, one after the other`() {
        var generator = SystemRandomNumberGenerator()
        var size = Size(columns: 24, rows: 5)
        var terminal = VirtualTerminal(columns: size.columns, rows: size.rows)
        var writer = FrameWriter()
        var last: Frame?
        for number in 0..<1_000 {
            if number % 50 == 49 {
                size = Size(
                    columns: Int.random(in: 2...40, using: &generator), rows: Int.random(in: 1...8, using: &generator))
                terminal.resize(columns: size.columns, rows: size.rows)
                writer.invalidate()
            }
            let frame = frame(size, &generator, like: last)
            terminal.feed(writer.bytes(for: frame).utf8)
            for row in 0..<size.rows {
                let shown = terminal.cells(row: row).map(\.text)
                #expect(shown == frame.rows[row].map { $0.width == 0 ? "" : String($0.character) })
                let styles = terminal.cells(row: row).map(\.style)
                #expect(styles == frame.rows[row].map { $0.style.sequence.parameters })
            }
            #expect(Frame.Position(row: terminal.row, column: terminal.column) == frame.cursor)
            #expect(terminal.unknown == [])
            last = frame
        }
    }
}

extension String {
    /// Of an SGR sequence, without the reset at its beginning.
    fileprivate var parameters: String {
        let all = dropFirst(2).dropLast()
        return all == "0" ? "" : String(all.dropFirst(2))
    }
}
