import Testing

@testable import ChatBench

struct ExactKeyTests {
    @Test func `what is kept by a text is found by its bytes alone`() {
        var sums = ByText<Int>()
        for text in ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}"] { sums[text, default: 0] += 1 }
        #expect(sums["caf\u{E9}"] == 2 && sums["cafe\u{301}"] == 1 && sums["cafe"] == nil)
        #expect(sums.values.sorted() == [1, 2] && sums.all.count == 2)
        let before = sums.updateValue(7, forKey: "cafe\u{301}")
        #expect(before == 1)
        sums["caf\u{E9}"] = nil
        #expect(Array(sums.values) == [7])
    }

    @Test func `a set of texts tells them apart by their bytes`() {
        var texts: TextSet = ["\u{212B}"]
        #expect(texts.contains("\u{212B}") && !texts.contains("\u{C5}"))
        let insertions = [texts.insert("\u{C5}"), texts.insert("\u{C5}")]
        #expect(insertions == [true, false])
        #expect(texts.contains("\u{C5}"))
    }

    @Test func `two messages are one only to the byte`() {
        func message(_ content: String) -> Message {
            Message(id: "m", place: .room("r"), sender: "a", content: content)
        }
        #expect(message("caf\u{E9}") == message("caf\u{E9}"))
        #expect(message("caf\u{E9}") != message("cafe\u{301}"))
        #expect(MessageTable().canonical(message("x")).content == "x")
    }
}
