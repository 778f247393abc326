import Testing

@testable import ChatClient

@Suite struct LineEditorTests {
    /// Types `text`; `|` in the expectation marks the cursor.
    private func edited(_ text: String, _ keys: [Key]) -> String {
        var editor = LineEditor()
        for scalar in text.unicodeScalars { _ = editor.handle(.insert(scalar)) }
        for key in keys { _ = editor.handle(key) }
        return String(editor.characters[..<editor.cursor]) + "|" + String(editor.characters[editor.cursor...])
    }

    @Test(
        arguments: [
            ("abc", [], "abc|"),
            ("abc", [.left, .insert("X")], "abX|c"),
            ("abc", [.home, .delete], "|bc"),
            ("abc", [.home, .endOfInput], "|bc"),
            ("abc", [.home, .right, .end, .backspace], "ab|"),
            ("abc", [.home, .left, .backspace], "|abc"),
            ("one two-three", [.wordLeft], "one two-|three"),
            ("one two-three", [.wordLeft, .wordLeft, .wordLeft, .wordRight], "one| two-three"),
            ("one two-three", [.killWordBack], "one |"),
            ("one two-three", [.killWordBack, .yank, .yank], "one two-threetwo-three|"),
            ("one two", [.home, .killToEnd], "|"),
            ("one two", [.wordLeft, .killToStart, .end, .yank], "twoone |"),
            ("one two", [.home, .killWordForward], "| two"),
            ("a👩\u{200D}💻b", [.left, .backspace], "a|b"),
            ("e\u{301}x", [.left, .left], "|e\u{301}x"),
            ("🇩🇪🇫🇷", [.backspace], "🇩🇪|"),
            ("a", [.pastedBreak, .insert("b")], "a b|"),
        ] as [(String, [Key], String)])
    func `Keys edit the line`(text: String, keys: [Key], result: String) {
        #expect(edited(text, keys) == result)
    }

    @Test(
        arguments: [
            (.enter, .submit("x")), (.interrupt, .interrupt), (.suspend, .suspend), (.clearScreen, .clearScreen),
            (.ignored, .none), (.right, .none), (.delete, .bell), (.left, .changed),
        ] as [(Key, LineEditor.Effect)])
    func `A key has its effect`(key: Key, effect: LineEditor.Effect) {
        var editor = LineEditor()
        _ = editor.handle(.insert("x"))
        #expect(editor.handle(key) == effect)
    }

    @Test func `End of input is taken on an empty line only`() {
        var editor = LineEditor()
        #expect(editor.handle(.endOfInput) == .endOfInput)
        _ = editor.handle(.insert("x"))
        #expect(editor.handle(.endOfInput) == .bell)
    }

    @Test func `History is walked and the draft comes back`() {
        var editor = LineEditor()
        for line in ["one", "two", "two"] {
            for scalar in line.unicodeScalars { _ = editor.handle(.insert(scalar)) }
            _ = editor.handle(.enter)
        }
        _ = editor.handle(.insert("d"))
        var seen: [String] = []
        for key in [Key.up, .up, .up, .down, .down, .down] {
            _ = editor.handle(key)
            seen.append(editor.text)
        }
        #expect(seen == ["two", "one", "one", "two", "d", "d"])
    }

    @Test func `History forgets the oldest lines`() {
        var history = InputHistory()
        for number in 0..<(InputHistory.capacity + 5) { history.add("\(number)") }
        var oldest: String?
        while let line = history.older(than: "") { oldest = line }
        #expect(oldest == "5")
    }

    @Test func `A line given back stands before what was typed since`() {
        var editor = LineEditor()
        _ = editor.handle(.insert("b"))
        editor.restore("a")
        #expect(editor.text == "ab")
        #expect(editor.cursor == 2)
    }

    @Test func `The line is bounded`() {
        var editor = LineEditor()
        for _ in 0..<LineEditor.capacity { _ = editor.handle(.insert("x")) }
        #expect(editor.handle(.insert("x")) == .bell)
        #expect(editor.characters.count == LineEditor.capacity)
    }
}
