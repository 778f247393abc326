import Testing

@testable import ChatClient

@Suite struct LineRowsTests {
    private func rows(
        _ text: String, by sender: String = "bob", kind: ScrollbackLine.Kind = .message, width: Int = 60
    ) -> [String] {
        let layout = LineRows(
            width: width, theme: Theme(depth: .none), clock: .fixed(ScreenFixture.noon), username: "al")
        let line = ScrollbackLine(kind: kind, time: ScreenFixture.noon, sender: sender, text: text)
        return layout.rows(of: line).map { String($0.map(\.character)) }
    }

    @Test func `A message has a time, a name and a bar, and further rows have the bar`() {
        #expect(rows("hello") == ["12:00      bob │ hello"])
        #expect(rows("one\ntwo") == ["12:00      bob │ one", "               │ two"])
        #expect(
            rows("a long text that goes on and on, until it needs another row", width: 50)
                == [
                    "12:00      bob │ a long text that goes on and on, ", "               │ until it needs another row",
                ])
    }

    @Test func `A narrow screen does without times and columns`() {
        #expect(rows("hello you there", width: 20) == ["bob │ hello you ", " │ there"])
        #expect(rows("hi", by: "a-name-of-eighteen", width: 20) == ["a-name-of-eighteen │", " │ hi"])
    }

    @Test(arguments: [
        "\u{1B}[2J\u{1B}[31mred", "\u{9B}31m", "\u{7}", "\u{202E}backwards", "\u{2066}isolated", "a\u{200B}b",
        "\r\n\u{8}x",
        "\u{1B}]0;title\u{7}", "\u{FEFF}", "\u{E0001}\u{E0041}", "x" + String(repeating: "\u{301}", count: 500),
        "👩" + String(repeating: "\u{200D}👩", count: 200), String(repeating: "\u{FFFC}\u{FFFB}", count: 9),
    ])
    func `Nothing that a stranger writes controls the terminal`(text: String) {
        for row in rows(text) + rows("hi", by: text) {
            for scalar in row.unicodeScalars {
                #expect(scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value))
                #expect(!(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
            }
            for character in row { #expect(character.utf8.count <= 64) }
        }
    }

    @Test func `Nobody can look like a line of the client's own`() {
        let status = rows("you are in the room dev", by: "", kind: .status)[0]
        for name in ["\u{3164}", "\u{2800}", "┊", "\u{200B}", " "] {
            let forged = rows("you are in the room dev", by: name)[0]
            #expect(forged != status)
            #expect(forged.contains(" │ "))
        }
        #expect(rows("x\n12:00            ┊ you are in the room dev")[1].hasPrefix("               │ "))
    }

    @Test(
        arguments: [
            ("alice", "alice"), ("日本", "日本"), ("Ελλάδα", "Ελλάδα"), ("Алиса", "Алиса"), ("zoë", "zoë"),
            ("a👩\u{200D}💻", nil),
            ("ali\u{200B}ce", nil), ("\u{202E}alice", nil), ("alice\u{2800}", nil), ("\u{3164}", nil), ("аlice", nil),
        ] as [(String, String?)])
    func `A name that could be taken for another is marked`(name: String, shown: String?) {
        let text = ShownName.text(name)
        if let shown { #expect(text == shown) } else { #expect(text.contains("⚠")) }
        #expect(DisplayWidth.of(text) > 0)
    }

    @Test func `A name has one colour, everywhere and for ever`() {
        #expect(Theme(depth: .full).name("alice") == Theme(depth: .full).name("alice"))
        #expect(Theme.hash("alice") == 0x508B_2ABB_65A0_3907)
        let colours = Set((0..<50).map { "\(Theme(depth: .palette).name("user\($0)").foreground)" })
        #expect(colours.count > 15)
    }
}

@Suite struct LocalClockTests {
    @Test(
        arguments: [
            ("2026-11-21T12:00:00.000Z", 1_795_262_400), ("2026-11-21 12:00:00", 1_795_262_400),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799), ("yesterday", nil), ("2026-13-21T12:00:00Z", nil), ("", nil),
        ] as [(String, Int64?)])
    func `Times are read`(text: String, seconds: Int64?) {
        #expect(LocalClock.seconds(text) == seconds)
    }

    @Test func `Times are named as they are called where the user sits`() {
        let utc = LocalClock.fixed(0)
        #expect(utc.hourAndMinute(1_795_262_400) == "12:00")
        #expect(utc.nameOfDay(1_795_262_400) == "Saturday, 2026-11-21")
        let east = LocalClock(now: { 0 }, offset: { _ in 13 * 3600 })
        #expect(east.hourAndMinute(1_795_262_400) == "01:00")
        #expect(east.nameOfDay(1_795_262_400) == "Sunday, 2026-11-22")
        #expect(utc.hourAndMinute(0) == "     ")
        #expect(utc.nameOfDay(951_868_799) == "Tuesday, 2000-02-29")
    }
}
