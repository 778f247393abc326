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
            ("one two three", [.killWordBack, .killWordBack, .yank], "one two three|"),
            ("one two", [.killWordBack, .left, .killToStart, .yank, .yankOlder], "two| "),
            ("abc", [.left, .transpose], "acb|"), ("abc", [.transpose], "acb|"), ("a", [.transpose], "a|"),
            ("one two, three", [.transposeWords], "one three, two|"),
            ("one two three", [.wordLeft, .transposeWords], "one three two|"),
            ("one two three", [.home, .wordRight, .right, .transposeWords], "two one| three"),
            ("one", [.transposeWords], "one|"), ("", [.transposeWords], "|"), ("  ", [.home, .transposeWords], "|  "),
            ("straße x", [.home, .uppercase], "STRASSE| x"), ("ONE TWO", [.home, .lowercase, .capitalize], "one Two|"),
            ("one two", [.undo], "one|"), ("one two", [.killToStart, .undo, .undo], "one|"),
            ("one two", [.undo, .undo, .undo], "|"),
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

@Suite struct TextEditingTests {
    private func typed(_ text: String, history: [String] = []) -> LineEditor {
        var editor = LineEditor(allowsBreaks: true, history: InputHistory(lines: history))
        for character in text {
            _ = editor.handle(character == "\n" ? .lineBreak : .insert(character.unicodeScalars.first ?? " "))
        }
        return editor
    }

    private func after(_ keys: [Key], on text: String) -> String {
        var editor = typed(text)
        for key in keys { _ = editor.handle(key) }
        return String(editor.characters[..<editor.cursor]) + "|" + String(editor.characters[editor.cursor...])
    }

    @Test(
        arguments: [
            ("one\ntwo", [.up], "one|\ntwo"), ("one\ntw", [.up, .end, .down], "one\ntw|"),
            ("one\ntwo", [.home], "one\n|two"), ("one\ntwo", [.home, .killToStart], "one\n|two"),
            ("one\ntwo", [.up, .killToEnd], "one|two"), ("one\ntwo", [.up, .home, .killToEnd], "|\ntwo"),
            ("one", [.pastedBreak, .insert("x")], "one\nx|"),
            ("long line\nab\nlong line", [.up, .up], "lo|ng line\nab\nlong line"),
        ] as [(String, [Key], String)])
    func `Keys edit a text of several lines`(text: String, keys: [Key], result: String) {
        #expect(after(keys, on: text) == result)
    }

    @Test func `Up goes to the history only from the first line`() {
        var editor = typed("a\nb", history: ["old"])
        _ = editor.handle(.up)
        #expect(editor.text == "a\nb")
        _ = editor.handle(.up)
        #expect(editor.text == "old")
        _ = editor.handle(.down)
        #expect(editor.text == "a\nb")
    }

    @Test func `Search finds older lines, and gives the draft back when it is cancelled`() {
        var editor = typed("draft", history: ["make tea", "make coffee", "drink"])
        for key in [Key.searchBack, .insert("m"), .insert("a")] { _ = editor.handle(key) }
        #expect(editor.text == "make coffee")
        #expect(editor.handle(.searchBack) == .changed)
        #expect(editor.text == "make tea")
        #expect(editor.handle(.searchBack) == .bell)
        #expect(editor.search?.isFailing == true)
        #expect(editor.handle(.searchForward) == .changed)
        #expect(editor.text == "make coffee")
        _ = editor.handle(.cancel)
        #expect(editor.text == "draft")
        #expect(editor.search == nil)
    }

    @Test func `Any other key takes what was found and does what it always does`() {
        var editor = typed("", history: ["make tea"])
        for key in [Key.searchBack, .insert("t"), .home, .insert("X")] { _ = editor.handle(key) }
        #expect(editor.text == "Xmake tea")
        for key in [Key.searchBack, .insert("t")] { _ = editor.handle(key) }
        #expect(editor.handle(.enter) == .submit("make tea"))
    }

    @Test func `A text exchanged for another comes back as it was`() {
        var editor = typed("one")
        _ = editor.handle(.left)
        let one = editor.exchange(EditBuffer(Array("two")))
        #expect(editor.text == "two")
        let two = editor.exchange(one)
        #expect((editor.text, editor.cursor) == ("one", 2))
        #expect(String(two.characters) == "two")
    }

    @Test func `The history's file holds every line as it was, breaks and backslashes too`() {
        let entries = ["plain", "two\nlines", #"back\slash \n"#, #"\\"#, "日本"]
        let text = entries.map(HistoryFile.text).joined()
        #expect(text.split(separator: "\n").count == entries.count)
        #expect(HistoryFile.entries(in: text) == entries)
        #expect(!HistoryFile.isOverlong(text))
    }
}
