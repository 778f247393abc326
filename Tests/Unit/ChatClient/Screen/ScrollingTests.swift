import Testing

@testable import ChatClient

@Suite struct ScrollingTests {
    /// Ten rows of a pane over so many lines of one row each.
    private func full(_ count: Int = 100, rows: Int = 12, columns: Int = 60) -> ScreenFixture {
        var screen = ScreenFixture(columns: columns, rows: rows)
        for number in 0..<count { screen.hear("line \(number)", sequence: UInt64(number + 1_000)) }
        return screen
    }

    private func numbers(_ pane: [String]) -> [Int] {
        pane.compactMap { row in row.split(separator: " ").last.flatMap { Int($0) } }
    }

    @Test func `A page up shows what was above, but for one line`() {
        var screen = full()
        #expect(numbers(screen.pane) == Array(90..<100))
        screen.press(.pageUp)
        // The last row says that there is more below.
        #expect(numbers(screen.pane) == Array(81..<90))
        #expect(screen.pane.last?.contains("9 newer lines below") == true)
        screen.press(.scrollUp)
        #expect(numbers(screen.pane) == Array(80..<89))
        screen.press(.pageDown, .scrollDown)
        #expect(numbers(screen.pane) == Array(90..<100))
        #expect(screen.model.window.bottom == nil)
    }

    @Test func `What comes meanwhile moves nothing, and is counted`() {
        var screen = full()
        screen.press(.pageUp)
        let before = numbers(screen.pane)
        for number in 100..<120 { screen.hear("line \(number)") }
        #expect(numbers(screen.pane) == before)
        #expect(screen.pane.last?.contains("29 newer lines below") == true)
        screen.press(.end)
        #expect(numbers(screen.pane) == Array(110..<120))
    }

    @Test func `Entering something goes to the end`() {
        var screen = full()
        screen.press(.pageUp)
        screen.enter("x")
        #expect(numbers(screen.pane) == Array(90..<100))
    }

    @Test func `At the top the server is asked for more, once at a time`() {
        var screen = full(15)
        screen.press(.pageUp)
        #expect(screen.asked == [.older(room: "global", before: 1_000, count: 100)])
        screen.press(.pageUp, .scrollToTop)
        #expect(screen.asked.count == 1)
        #expect(screen.pane.first?.contains("asking for older messages") == true)
        let messages = (0..<30).map { number in
            Said(
                place: .room("global"), sender: "bob", content: "older \(number)",
                timestamp: "2026-11-20T11:00:00.000Z",
                sequence: UInt64(number + 10))
        }
        let before = numbers(screen.pane)
        screen.happen(.older(room: "global", messages, more: false, words: ""))
        #expect(numbers(screen.pane).suffix(before.count).filter { before.contains($0) } == before, "nothing moved")
        screen.press(.scrollToTop)
        #expect(screen.pane.first?.contains("the beginning of global") == true)
        #expect(screen.pane.dropFirst().first == "11:00      bob │ older 0")
        #expect(screen.asked.count == 1, "there is nothing before the beginning")
    }

    @Test func `Who reads what is forgotten sees the oldest that is left`() {
        var screen = full(Scrollback.mostLines)
        screen.press(.scrollToTop)
        for number in 0..<300 { screen.hear("line \(number)") }
        let first = screen.model.window.scrollback.first
        #expect(first > 0)
        #expect(screen.pane.contains { $0.hasSuffix("line \(first)") })
        #expect(!screen.pane.contains { $0.hasSuffix("line \(first + 8)") })
        screen.press(.scrollDown)
        #expect(screen.pane.contains { $0.hasSuffix("line \(first + 8)") })
    }

    @Test func `A new day has a line of its own`() {
        var screen = ScreenFixture()
        screen.hear("late", at: "2026-11-20T23:59:59.000Z")
        screen.hear("early", at: "2026-11-21T00:00:01.000Z")
        #expect(screen.pane.suffix(3).map { $0.contains("Saturday, 2026-11-21") } == [false, true, false])
    }

    @Test func `Lines of many rows scroll row by row`() {
        var screen = ScreenFixture(columns: 60, rows: 8)
        screen.hear(String(repeating: "word ", count: 200))
        let last = screen.pane
        screen.press(.scrollUp)
        #expect(screen.pane.prefix(5).dropFirst() == last.prefix(4))
        for _ in 0..<100 { screen.press(.scrollUp) }
        #expect(screen.pane.contains { $0.hasPrefix("11:58      bob │ word") })
        for _ in 0..<100 { screen.press(.scrollDown) }
        #expect(screen.pane == last)
    }

    @Test func `Whatever keys and sizes come, the screen has its rows and the cursor is on it`() {
        var generator = SystemRandomNumberGenerator()
        let keys: [Key] = [
            .pageUp, .pageDown, .scrollUp, .scrollDown, .scrollToTop, .scrollToEnd, .end, .home, .lineBreak,
            .insert("x"),
            .insert("日"), .window(1), .window(2), .enter, .undo, .killToStart, .complete, .searchBack, .cancel,
            .nextWindow, .up, .down,
        ]
        var screen = full(60)
        screen.enterRoom("dev")
        for number in 0..<2_000 {
            screen.press(keys.randomElement(using: &generator) ?? .end)
            if number % 7 == 0 {
                screen.model.size = Size(
                    columns: Int.random(in: 1...120, using: &generator), rows: Int.random(in: 1...40, using: &generator)
                )
                screen.model.laidOut.forgetAll()
            }
            if number % 11 == 0 { screen.hear("more \(number)", in: number % 2 == 0 ? "dev" : "global") }
            let frame = screen.model.frame(at: .zero)
            #expect(frame.rows.count == screen.model.size.rows)
            let cursor = frame.cursor ?? Frame.Position(row: -1, column: 0)
            #expect(0..<frame.size.rows ~= cursor.row && 0..<frame.size.columns ~= cursor.column)
        }
    }

    @Test func `A hundred thousand lines scroll from one end to the other`() {
        var screen = full(Scrollback.mostLines)
        screen.press(.scrollToTop)
        #expect(screen.asked == [], "there is no room for more")
        screen.model.window.older = .none
        #expect(screen.pane.dropFirst().first?.hasSuffix("line 0") == true)
        #expect(screen.model.laidOut.lineCount < 100, "only what came into view was laid out")
        screen.press(.scrollToEnd)
        #expect(screen.pane.last?.hasSuffix("line 99999") == true)
    }
}
