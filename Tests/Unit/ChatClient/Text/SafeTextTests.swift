import Testing

@testable import ChatClient

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("naïve 日本語 👋", "naïve 日本語 👋"),
        ("\u{1B}[2J\u{1B}]0;title\u{07}", "␛[2J␛]0;title␇"),
        ("a\u{0}b\u{8}c\u{7F}", "a␀b␈c␡"),
        ("c1 \u{9B}31m", "c1 \u{FFFD}31m"),
        ("one\ntwo\r\nthree\rfour\u{2028}five\u{85}six", "one⏎two⏎three⏎four⏎five⏎six"),
        ("a\tb", "a    b"),
        ("\u{202E}gnp.exe\u{202C} \u{2066}x\u{2069}\u{200F}", "gnp.exe x"),
        ("ad\u{200B}min\u{2060}\u{FEFF}\u{AD}", "admin"),
        ("al\u{200D}ice\u{200C}", "alice"),
        ("\u{E0041}\u{E0042}tag", "tag"),
        ("\u{3164}\u{115F}x\u{2800}y", "x y"),
        ("👩\u{200D}💻 ❤\u{FE0F}", "👩\u{200D}💻 ❤\u{FE0F}"),
        ("نمی\u{200C}خواهم", "نمی\u{200C}خواهم"),
        ("x\u{FE0F}", "x"),
        ("e\u{301}", "e\u{301}"),
    ])
    func `Prose shows or drops what is no visible character`(text: String, safe: String) {
        #expect(Array(SafeText.prose(text).unicodeScalars) == Array(safe.unicodeScalars))
    }

    @Test func `Marks do not pile up over the neighbouring lines`() {
        let zalgo = "z" + String(repeating: "\u{0335}", count: 50) + "!"
        #expect(SafeText.prose(zalgo).unicodeScalars.count == 2 + SafeText.mostMarks)
    }

    @Test func `A name has no joiners at all`() {
        #expect(Array(SafeText.name("ن\u{200C}ی").unicodeScalars).count == 2)
    }

    @Test func `No scalar comes through that a terminal would obey`() {
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for safe in SafeText.prose(String(Character(scalar))).unicodeScalars {
                #expect(
                    safe.value >= 0x20 && !(0x7F..<0xA0).contains(safe.value)
                        && safe.properties.generalCategory != .control)
                #expect(safe.properties.isDefaultIgnorableCodePoint == false)
            }
        }
    }

    @Test func `Every kind of output is made safe`() {
        let evil = "\u{1B}[2J\u{202E}\n"
        let outputs: [Output] = [
            .message(timestamp: evil, room: evil, sender: evil, content: evil), .system(evil), .status(evil),
            .sent(room: evil, content: evil), .waiting(evil),
        ]
        for output in outputs {
            let lines = OutputStyle(isColoured: false).lines(for: output)
            #expect(lines.count == 1)
            #expect(lines.allSatisfy { !$0.unicodeScalars.contains { "\u{1B}\u{202E}\n".unicodeScalars.contains($0) } })
        }
    }

    @Test func `Output reads like the original client's`() {
        let style = OutputStyle(isColoured: false)
        let message = Output.message(timestamp: "2025-01-02 15:04:05", room: "dev", sender: "bob", content: "hi")
        #expect(style.lines(for: message) == ["[2025-01-02 15:04:05] [dev] bob: hi"])
        #expect(style.lines(for: .system("Active users: bob")) == ["[System] Active users: bob"])
        #expect(style.lines(for: .sent(room: "dev", content: "hi")) == ["[Sent to dev] hi"])
        #expect(style.lines(for: .status("reconnected")) == ["*** reconnected"])
        #expect(OutputStyle(isColoured: true).lines(for: .status("x")) == ["\u{1B}[35m*** x\u{1B}[0m"])
    }
}
