import Testing

@testable import ChatClient

@Suite struct WrappingTests {
    private func wrapped(_ text: String, _ width: Int, first: Int? = nil) -> [String] {
        Wrapping.rows(Cell.cells(text, .plain), width: width, first: first).map { String($0.map(\.character)) }
    }

    @Test(
        arguments: [
            ("", 10, [""]), ("short", 10, ["short"]), ("one two three", 8, ["one two ", "three"]),
            ("exactly ten", 7, ["exactly", "ten"]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
            ("a verylongword", 8, ["a verylo", "ngword"]), ("日本語", 4, ["日本", "語"]), ("日本語", 5, ["日本", "語"]),
            ("日", 1, ["日"]), ("a  b", 2, ["a ", "b"]),
        ] as [(String, Int, [String])])
    func `Text is broken at spaces, and words only where they must be`(text: String, width: Int, rows: [String]) {
        #expect(wrapped(text, width) == rows)
    }

    @Test func `The first row may be shorter`() {
        #expect(wrapped("one two three", 20, first: 5) == ["one ", "two three"])
    }

    @Test func `Nothing gets lost and no row is too wide, whatever the text`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet: [Character] = ["a", "b", " ", "日", "é", "👩\u{200D}💻", "\u{200B}", "x"]
        for _ in 0..<500 {
            let text = String(
                (0..<Int.random(in: 0...60, using: &generator)).compactMap { _ in alphabet.randomElement() })
            let width = Int.random(in: 2...12, using: &generator)
            let cells = Cell.cells(text, .plain)
            let rows = Wrapping.rows(cells, width: width)
            for row in rows { #expect(row.reduce(0) { $0 + Int($1.width) } <= width) }
            let kept = rows.flatMap { $0 }.map(\.character).filter { $0 != " " }
            #expect(kept == cells.map(\.character).filter { $0 != " " })
        }
    }
}
