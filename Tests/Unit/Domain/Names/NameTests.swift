import Domain
import Testing

/// The rules that usernames and room names share, seen through both.
enum NameKind: CaseIterable, CustomTestStringConvertible {
    case username, room

    var maximum: Int { self == .username ? 32 : 64 }

    func make(_ text: String) throws(NameError) -> String {
        switch self {
        case .username: try Username(text).text
        case .room: try RoomName(text).text
        }
    }

    var testDescription: String { "\(self)" }
}

struct NameTests {
    @Test(
        arguments: NameKind.allCases,
        [
            "a", "alice", "Alice", "日本語", "😀", "a.b", "*", ">", "a%b", "-", "\"", "\\", "<script>", "..",
            "a\u{200D}b", "👩\u{200D}👩\u{200D}👧", "نامه\u{200C}ای", "a\u{FEFF}b", "a\u{200B}b", "a\u{2060}b",
            "\u{E9}", "\u{1F3F4}", "null", "\u{301}", "\u{10FFFD}", "\u{2801}", "a\u{2800}b", "⠓⠊",
        ])
    func `a name that breaks no rule is kept as it is`(kind: NameKind, text: String) throws {
        #expect(Array(try kind.make(text).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(arguments: NameKind.allCases)
    func `the two ways to write a letter are one name`(kind: NameKind) throws {
        let composed = try kind.make("caf\u{E9}")
        let decomposed = try kind.make("cafe\u{301}")
        #expect(Array(composed.utf8) == Array(decomposed.utf8))
        // Form C also replaces singletons, such as the Kelvin sign, and composes Hangul.
        #expect(Array(try kind.make("\u{212A}").utf8) == Array("K".utf8))
        #expect(Array(try kind.make("\u{1112}\u{1161}\u{11AB}").unicodeScalars) == ["\u{D55C}"])
    }

    @Test(arguments: NameKind.allCases)
    func `the length counts Unicode scalars after normalisation`(kind: NameKind) throws {
        let maximum = kind.maximum
        for unit in ["a", "語", "😀"] {
            #expect(try kind.make(String(repeating: unit, count: maximum)).unicodeScalars.count == maximum)
            #expect(throws: NameError.tooLong(maximum: maximum)) {
                try kind.make(String(repeating: unit, count: maximum + 1))
            }
        }
        // Two scalars each before, one each after.
        let decomposed = String(repeating: "e\u{301}", count: maximum)
        #expect(try kind.make(decomposed).unicodeScalars.count == maximum)
        #expect(throws: NameError.tooLong(maximum: maximum)) { try kind.make(decomposed + "x") }
        // Three scalars each before, as many as composition can ever take: still no more than allowed after.
        let hangul = String(repeating: "\u{1112}\u{1161}\u{11AB}", count: maximum)
        #expect(try kind.make(hangul).unicodeScalars.count == maximum)
        #expect(throws: NameError.tooLong(maximum: maximum)) { try kind.make(String(repeating: "a", count: 1 << 20)) }
    }

    @Test(arguments: NameKind.allCases)
    func `an empty name is refused`(kind: NameKind) {
        #expect(throws: NameError.empty) { try kind.make("") }
    }

    @Test(
        arguments: NameKind.allCases,
        [
            " ", "\t", "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{A0}", "\u{1680}", "\u{2000}", "\u{2003}",
            "\u{2007}", "\u{200A}", "\u{2028}", "\u{2029}", "\u{202F}", "\u{205F}", "\u{3000}",
        ])
    func `no kind of whitespace is allowed, at no place`(kind: NameKind, space: String) {
        for text in [space, space + "a", "a" + space, "a" + space + "b"] {
            #expect(throws: NameError.whitespace) { try kind.make(text) }
        }
    }

    @Test(arguments: NameKind.allCases, ["\0", "\u{01}", "\u{08}", "\u{1B}", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}"])
    func `no control character is allowed, at no place`(kind: NameKind, control: String) {
        for text in [control, control + "a", "a" + control, "a" + control + "b"] {
            #expect(throws: NameError.controlCharacter) { try kind.make(text) }
        }
    }

    @Test(
        arguments: NameKind.allCases,
        [
            "\u{FEFF}", "\u{200B}", "\u{2060}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{200F}", "\u{202E}", "\u{2066}",
            "\u{AD}", "\u{61C}", "\u{180E}", "\u{FE0F}", "\u{115F}", "\u{1160}", "\u{3164}", "\u{FFA0}", "\u{FFF9}",
            "\u{E0001}",
            "\u{E0100}", "\u{17B4}", "\u{34F}", "\u{1D173}", "\u{1BCA0}", "\u{2800}", "\u{1D159}", "\u{FFFC}",
            "\u{13441}",
            "\u{13442}", "\u{16FE4}", "\u{2800}\u{3164}\u{200B}",
        ])
    func `no name begins or ends with something invisible`(kind: NameKind, invisible: String) {
        for text in [invisible, invisible + "alice", "alice" + invisible, invisible + "a" + invisible] {
            #expect(throws: NameError.invisibleEdge) { try kind.make(text) }
        }
    }

    @Test func `names are case-sensitive`() throws {
        #expect(try Username("alice") != Username("Alice"))
        #expect(try RoomName("dev") != RoomName("DEV"))
    }

    @Test func `names are sorted by Unicode scalar value`() throws {
        // A comparison of UTF-16 units would put the emoji, whose surrogates begin at U+D800, before U+FF5E.
        let sorted = ["A", "B", "Z", "_", "a", "aa", "b", "\u{E9}", "語", "\u{FF5E}", "😀"]
        #expect(try sorted.reversed().map { try Username($0) }.sorted().map(\.text) == sorted)
        #expect(try sorted.reversed().map { try RoomName($0) }.sorted().map(\.text) == sorted)
    }

    @Test func `the first room is one that its own rules allow`() throws {
        #expect(try RoomName("global") == .global)
    }

    @Test(
        arguments: [
            (.empty, "must not be empty"), (.tooLong(maximum: 32), "must not be longer than 32 characters"),
            (.whitespace, "must not contain whitespace"), (.controlCharacter, "must not contain control characters"),
            (.invisibleEdge, "must not begin or end with an invisible character"),
        ] as [(NameError, String)])
    func `the broken rule ends a sentence about what was named`(error: NameError, text: String) {
        #expect(ChatError.invalidRoom(error).message == "room name " + text)
        #expect(ChatError.invalidRoom(error).code == .invalidRoom)
        #expect(ChatError.invalidUsername(error).message == "username " + text)
        #expect(ChatError.invalidUsername(error).code == .invalidUsername)
    }
}
