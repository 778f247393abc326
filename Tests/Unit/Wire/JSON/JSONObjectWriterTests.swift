import Foundation
import Testing
import Wire

@testable import TestSupport

struct JSONObjectWriterTests {
    private func written(_ body: (inout JSONObjectWriter) -> Void) -> String {
        var writer = JSONObjectWriter()
        body(&writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test func `an object without fields is two braces`() {
        #expect(written { _ in } == "{}")
        #expect(written { $0.addUnlessEmpty("content", "") } == "{}")
    }

    @Test func `fields stand in the order in which they were added`() {
        let json = written {
            $0.add("z", "1")
            $0.add("a", 2)
            $0.add(dynamicKey: "m", "3")
            $0.addUnlessEmpty("none", "")
            $0.addUnlessEmpty("last", "4")
        }
        #expect(json == #"{"z":"1","a":2,"m":"3","last":"4"}"#)
    }

    @Test(
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("\\", #""\\""#), ("a\"b\\c", #""a\"b\\c""#),
            ("\n", #""\n""#), ("\r", #""\r""#), ("\t", #""\t""#), ("\r\n", #""\r\n""#), ("\0", #""\u0000""#),
            ("a\0b", #""a\u0000b""#), ("\u{08}", #""\u0008""#), ("\u{0C}", #""\u000c""#),
            ("\u{1B}[2J", #""\u001b[2J""#),
            ("\u{1F}", #""\u001f""#), ("/", #""/""#), ("<b>&'", #""<b>&'""#), ("\u{7F}", "\"\u{7F}\""),
            ("é", #""é""#), ("日本語", #""日本語""#), ("👩‍👧", #""👩‍👧""#), ("\u{2028}", "\"\u{2028}\""),
            ("\u{FFFF}", "\"\u{FFFF}\""), ("\u{FEFF}x", "\"\u{FEFF}x\""), ("e\u{301}\"", "\"e\u{301}\\\"\""),
        ])
    func `a value is escaped where it must be, and nowhere else`(value: String, quoted: String) {
        let json = written { $0.add("v", value) }
        #expect(Array(json.utf8) == Array("{\"v\":\(quoted)}".utf8))
    }

    @Test func `all control characters below the space are escaped, and read back equal`() throws {
        let controls = String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar($0 as UInt32) }))
        let json = written { $0.add("v", controls) }
        #expect(json.utf8.allSatisfy { $0 >= 0x20 })
        #expect(try Self.read(json)["v"] as? String == controls)
    }

    @Test func `a key that comes from outside is escaped too`() throws {
        let json = written { $0.add(dynamicKey: "a\"b\n", "x") }
        #expect(json == #"{"a\"b\n":"x"}"#)
    }

    @Test(arguments: [0, -1, Int.max, Int.min])
    func `numbers are written in full`(number: Int) {
        #expect(written { $0.add("n", number) } == "{\"n\":\(number)}")
    }

    @Test(
        arguments: [
            (0, "0"), (2.5, "2.5"), (0.1, "0.1"), (1200, "1200"), (-3, "-3"), (.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)])
    func `fractions are written shortly, and what is no number as null`(value: Double, text: String) {
        var object = JSONObjectWriter()
        object.add("rate", value)
        #expect(String(decoding: object.finish(), as: UTF8.self) == "{\"rate\":\(text)}")
    }

    @Test func `a text that is far longer than the estimate is whole`() throws {
        let value = String(repeating: "日本\n\"", count: 100_000)
        var writer = JSONObjectWriter(capacity: 1)
        writer.add("v", value)
        #expect(try Self.read(String(decoding: writer.finish(), as: UTF8.self))["v"] as? String == value)
    }

    @Test func `whatever is written reads back equal`() throws {
        var random = SeededGenerator(seed: 0x5EED)
        for _ in 0..<2000 {
            let value = random.text(maximum: 40)
            let key = random.text(maximum: 8)
            let json = written {
                $0.add("fixed", value)
                $0.add(dynamicKey: "k" + key, value)
            }
            // Scalar by scalar, since String's own equality knows canonical equivalence.
            let object = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
            #expect(object["fixed"].map { Array($0.unicodeScalars) } == Array(value.unicodeScalars))
            #expect(object["k" + key].map { Array($0.unicodeScalars) } == Array(value.unicodeScalars))
            // A second reader. It loses a U+FEFF that follows an escape, so those do not count.
            let other = try Self.read(json)["fixed"] as? String
            #expect(other.map(Self.scalarsButBOM) == Self.scalarsButBOM(value))
        }
    }

    private static func scalarsButBOM(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { $0 != "\u{FEFF}" }
    }

    private static func read(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }
}
