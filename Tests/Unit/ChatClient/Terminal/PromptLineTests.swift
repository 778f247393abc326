import Testing

@testable import ChatClient

@Suite struct PromptLineTests {
    @Test func `A short line is shown whole`() {
        let line = PromptLine(prompt: "> ", characters: Array("日本x"), cursor: 2, width: 20)
        #expect(line.text == "> 日本x")
        #expect(line.cursorColumn == 6)
    }

    @Test func `A long line scrolls sideways to its cursor`() {
        let line = PromptLine(prompt: "> ", characters: Array("abcdefghij"), cursor: 10, width: 9)
        #expect(line.text == "> ‹ghij")
        #expect(line.cursorColumn == 7)
    }

    @Test(arguments: [1, 2, 3, 5, 10, 20, 40, 80])
    func `It never needs more than one row, and the cursor is in it`(width: Int) {
        let characters = Array("wide 日本語 and 👩\u{200D}💻 and e\u{301} and plain text that goes on for a while 한국어")
        for cursor in 0...characters.count {
            let line = PromptLine(prompt: "[日本-room] ", characters: characters, cursor: cursor, width: width)
            if width >= 5 {
                #expect(DisplayWidth.of(line.text) < width)
                #expect(line.cursorColumn < width)
            }
            #expect(line.cursorColumn >= 0)
        }
    }

    @Test func `Nothing in it moves the terminal`() {
        let line = PromptLine(prompt: "\u{1B}[2J", characters: ["\u{1B}", "\u{202E}", "x"], cursor: 3, width: 40)
        #expect(line.text == "␛[2J␛·x")
    }
}
