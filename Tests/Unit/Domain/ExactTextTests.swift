import Domain
import Testing

struct ExactTextTests {
    /// What Unicode calls equivalent, and Swift's strings equal.
    static let pairs = [
        ("caf\u{E9}", "cafe\u{301}"), ("\u{212B}", "\u{C5}"), ("\u{D55C}", "\u{1112}\u{1161}\u{11AB}"),
        ("\u{212A}", "K"), ("\u{37E}", ";"), ("q\u{307}\u{323}", "q\u{323}\u{307}"),
    ]

    @Test(arguments: pairs)
    func `texts of other bytes are other texts, whatever Unicode says`(left: String, right: String) {
        #expect(left == right)
        #expect(ExactText(left) != ExactText(right))
        #expect(Set([ExactText(left), ExactText(right)]).count == 2)
        #expect((ExactText(left) < ExactText(right)) != (ExactText(right) < ExactText(left)))
    }

    @Test(arguments: pairs)
    func `an id, an epoch and a session are their bytes`(left: String, right: String) {
        #expect(MessageID(left) != MessageID(right))
        #expect(Set([MessageID(left), MessageID(right)]).count == 2)
        #expect(Epoch(left) != Epoch(right))
        #expect(SessionID(left) != SessionID(right))
    }

    @Test(arguments: pairs)
    func `the two ways to write a name are one name`(left: String, right: String) throws {
        #expect(try RoomName(left) == RoomName(right))
        #expect(try Username(left) == Username(right))
        #expect(try Set([Username(left), Username(right)]).count == 1)
    }

    @Test(arguments: ["", "a", "日本語 😀", "\0", String(repeating: "é", count: 5000)])
    func `the same bytes are the same text, however it is held in memory`(text: String) {
        let copy = String(decoding: Array(text.utf8), as: UTF8.self)
        #expect(ExactText(text) == ExactText(copy))
        #expect(ExactText(text).hashValue == ExactText(copy).hashValue)
        let part = String(("<" + text + ">").dropFirst().dropLast())
        #expect(ExactText(text) == ExactText(part))
    }

    @Test func `texts are in the order of their bytes`() {
        let texts = ["\u{FFFD}", "b", "\u{1F600}", "a", "", "\u{E9}", "ab", "e\u{301}"].map(ExactText.init)
        let sorted = ["", "a", "ab", "b", "e\u{301}", "\u{E9}", "\u{FFFD}", "\u{1F600}"].map(ExactText.init)
        #expect(texts.sorted() == sorted)
    }
}
