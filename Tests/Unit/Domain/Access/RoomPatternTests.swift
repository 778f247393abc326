import Domain
import Testing

struct RoomPatternTests {
    @Test(
        arguments: [
            ("dev", ["dev"], ["dev2", "de", "Dev", "*"]),
            ("team-*", ["team-", "team-a", "team-a/b"], ["team", "Team-a", "xteam-a"]),
            ("*", ["dev", "日本", "a"], []),
            ("日本*", ["日本", "日本語"], ["日", "本"]),
            // Both ways to write é are one name.
            ("cafe\u{301}*", ["café", "cafés"], ["cafe", "caf"]),
        ] as [(String, [String], [String])])
    func `a pattern matches one name, or all that begin alike`(
        pattern: String, matching: [String], others: [String]
    ) throws {
        let pattern = try RoomPattern(pattern)
        for name in matching { #expect(pattern.matches(try RoomName(name)), "\(name)") }
        for name in others { #expect(!pattern.matches(try RoomName(name)), "\(name)") }
    }

    @Test func `a prefix is compared by bytes, so that an accent behind it hides nothing`() throws {
        // Swift's own characters would take `team-` and a combining accent for another text.
        #expect(try RoomPattern("team-*").matches(try RoomName("team-\u{301}x")))
    }

    @Test(arguments: ["*a", "a*b", "**", "a**", "*-*"])
    func `a star stands at the end or alone`(text: String) {
        #expect(throws: RoomPatternError.starInside) { try RoomPattern(text) }
    }

    @Test(
        arguments: [
            ("", NameError.empty), ("a b", .whitespace), ("a\0", .controlCharacter), (" *", .whitespace),
            (String(repeating: "a", count: 65), .tooLong(maximum: 64)),
            (String(repeating: "a", count: 65) + "*", .tooLong(maximum: 64)),
        ])
    func `what no room can be called, no pattern names`(text: String, rule: NameError) {
        #expect(throws: RoomPatternError.name(rule)) { try RoomPattern(text) }
    }

    @Test(arguments: ["dev", "team-*", "*"])
    func `a pattern is written as it was read`(text: String) throws {
        #expect(try RoomPattern(text).description == text)
    }
}
