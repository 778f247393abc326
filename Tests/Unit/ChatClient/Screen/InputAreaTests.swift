import Testing

@testable import ChatClient

@Suite struct InputAreaTests {
    private func area(_ text: String, cursor: Int? = nil, width: Int = 12, height: Int = 3) -> InputArea {
        var editor = LineEditor(allowsBreaks: true)
        editor.restore(text)
        if let cursor { editor.buffer.cursor = cursor }
        return InputArea(editor: editor, width: width, height: height)
    }

    private func rows(_ area: InputArea) -> [String] { area.rows.map { String($0.map(\.character)) } }

    @Test func `It has a row for each line, and grows with a long one`() {
        #expect(rows(area("")) == ["> "])
        #expect(rows(area("one\ntwo")) == ["> one", "  two"])
        #expect(rows(area("0123456789")) == ["> 012345678", "9"])
        #expect(rows(area("日本語日本語")) == ["> 日本語日", "本語"])
    }

    @Test func `The cursor is where the next character goes`() {
        #expect(area("").cursor == .init(row: 0, column: 2))
        #expect(area("ab", cursor: 1).cursor == .init(row: 0, column: 3))
        #expect(area("one\n").cursor == .init(row: 1, column: 2))
        #expect(area("0123456789", cursor: 9).cursor == .init(row: 1, column: 0))
        #expect(area("日本", cursor: 1).cursor == .init(row: 0, column: 4))
    }

    @Test func `Of a text that is too tall the rows around the cursor are shown`() {
        let text = (0..<9).map(String.init).joined(separator: "\n")
        #expect(rows(area(text)) == ["  6", "  7", "  8"])
        #expect(rows(area(text, cursor: 0)) == ["> 0", "  1", "  2"])
        #expect(rows(area(text, cursor: 8)) == ["  3", "  4", "  5"])
        #expect(area(text, cursor: 8).cursor == .init(row: 1, column: 2))
    }

    @Test func `What cannot be seen can be seen here`() {
        #expect(rows(area("a\u{200B}b\u{1B}")) == ["> a·b␛"])
    }
}
