import Foundation
import Testing

@testable import TestSupport
@testable import Wire

/// What is JSON and what is not, kind by kind. Each value stands for itself in an object, in a list and below both.
struct JSONGrammarTests {
    private static func frames(_ value: String) -> [[UInt8]] {
        [
            #"{"a":\#(value)}"#, #"{"a":[\#(value)]}"#, #"{"a":"b","c":{"d":[true,\#(value)]}}"#,
            #"{"a":\#(value),"b":0}"#,
        ]
        .map { Array($0.utf8) }
    }

    private func isJSON(_ json: some Collection<UInt8>) -> Bool {
        let (kept, checked) = (try? JSONObject(json, keepingNested: true), try? JSONObject(json))
        #expect((kept == nil) == (checked == nil), "what is not kept is checked all the same")
        return kept != nil
    }

    @Test(
        arguments: [
            // Numbers.
            "0", "-0", "1", "-1", "10", "1234567890", "0.0", "-0.5", "1.0", "1e5", "1E5", "1e+5", "1E-5", "0e0", "0e+1",
            "1.5e300", "1e400", "-1e-400", "123456789012345678901234567890",
            "0.1234567890123456789012345678901234567890",
            // Literals.
            "true", "false", "null",
            // Texts.
            #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\u001f\u007f\uFFFF\uabCD""#, #""\ud83d\ude00""#,
            #""\\u0041""#, #""\\""#, "\"\u{7F}\u{80}\u{2028}\u{FEFF}\u{FFFF}\u{10FFFF}\"", #""/""#, #""//""#,
            // Structure.
            "[]", "{}", "[[]]", "[{}]", #"{"":{}}"#, "[0,1,2]", "[null,[],{}]", #"{"a":1,"a":2}"#, #"{"a":{"a":{}}}"#,
            // Space.
            " 1", "1 ", "\t1\r\n", "[ ]", "{ }", "[ 1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }", "\n\n[\n1\n]\n",
        ])
    func `all that RFC 8259 allows is read`(value: String) {
        for json in Self.frames(value) { #expect(isJSON(json), "\(String(decoding: json, as: UTF8.self))") }
    }

    @Test(
        arguments: [
            // Numbers.
            "-", "+1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1.e5", "1e", "1E", "1e+", "1e-", "1e5.5", "1 000",
            "1_000",
            "0x10", "0b1", "--1", "-+1", "1e5e5", "1.2.3", "NaN", "-NaN", "Infinity", "-Infinity", "1f", "1a", "１",
            // Literals.
            "True", "TRUE", "tru", "truee", "nul", "nulll", "fals", "none", "undefined", "t", "n", "f",
            // Texts.
            "'a'", "a", #"""#, #""a"#, #""\""#, #""\x41""#, #""\a""#, #""\0""#, #""\'""#, #""\ ""#, #""\U0041""#,
            #""\u""#,
            #""\u00""#, #""\u004""#, #""\u00g1""#, #""\u 041""#, #""\u+041""#, #""\ud800""#, #""\udc00""#,
            #""\ud800a""#,
            #""\ud800\n""#, #""\ud800\ud800""#, #""\udc00\ud800""#, #""\ud800\u0041""#, "\"a\nb\"", "\"a\tb\"",
            "\"\u{0}\"",
            "\"\u{1F}\"", "\"\\\n\"", #""a"b"#, #""a""b""#, "“a”",
            // Structure.
            "[", "]", "{", "}", "[1", "1]", "[1,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "{1}", "{\"a\"}",
            "{\"a\",1}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{a:1}", "{'a':1}",
            "{1:1}",
            "{null:1}", "{\"a\"::1}", "{\"a\":1:2}", "{[]:1}", "{\"a\":1}}", "[1]]", "[{]}", "(1)", "<1>", "1;", "1}{",
            // Comments, and space that is none.
            "/**/1", "1//x", "#1", "\u{A0}1", "\u{0B}1", "\u{0C}1", "\u{FEFF}1", "\u{2028}1", "\u{0}1", "1\u{0}",
            "\u{3000}1",
        ])
    func `nothing else is`(value: String) {
        for json in Self.frames(value) { #expect(!isJSON(json), "\(String(decoding: json, as: UTF8.self))") }
    }

    @Test(
        arguments: [
            "", " ", "null", "true", "1", #""{}""#, "[]", "[{}]", "{}{}", "{},", "{}x", "{} 1", "x{}", ",{}", "{}\0",
            "\0{}",
            "{}//x", "//x\n{}", "\u{FEFF}{}", "{}\u{FEFF}", "{}]", "[{}", #"{"a":}"#, #"{"a": }"#, #"{"a":1,5}"#,
        ])
    func `the whole is one object, with nothing before or behind it but space`(json: String) {
        #expect(!isJSON(json.utf8))
        #expect(isJSON(" \t\r\n{ \t\r\n} \t\r\n".utf8))
    }

    @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf16, .utf32, .utf32LittleEndian])
    func `other encodings than UTF-8 are none`(encoding: String.Encoding) throws {
        #expect(!isJSON(try #require(#"{"type":"list_rooms"}"#.data(using: encoding))))
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC0, 0x80], [0xC3, 0x28], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0x5C, 0x6E, 0xE2, 0x82],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused, in names, in values and in what is not kept`(bytes: [UInt8]) {
        for (before, after) in [
            (#"{"a":""#, #""}"#), (#"{""#, #"":1}"#), (#"{"a":[""#, #""]}"#), (#"{"a":"#, "}"), ("", "{}"),
        ] {
            #expect(!isJSON(Array(before.utf8) + bytes + Array(after.utf8)))
        }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func `nesting has an end, and overflows no stack`(open: String, close: String) {
        func nested(_ levels: Int) -> String {
            #"{"a":"# + String(repeating: open, count: levels - 1) + "1" + String(repeating: close, count: levels - 1)
                + "}"
        }
        #expect(isJSON(nested(JSONObject.maximumDepth).utf8))
        #expect(!isJSON(nested(JSONObject.maximumDepth + 1).utf8))
        #expect(!isJSON(nested(1_000_000).utf8))
        #expect(!isJSON((#"{"a":"# + String(repeating: open, count: 1_000_000)).utf8))
        // It is how deep that counts, and not how many.
        let many = String(repeating: #"[[{"b":[]}]],"#, count: 10_000)
        #expect(isJSON(#"{"a":[\#(many)0]}"#.utf8))
    }

    /// Foundation's parser goes through the same documents, with a few changes in each, and has to agree.
    @Test func `what is valid another parser takes for valid`() {
        var random = SeededGenerator(seed: 0x8259)
        var (valid, invalid) = (0, 0)
        for round in 0..<20_000 {
            var json = Array(#"{"a":\#(random.json(depth: 4))}"#.utf8)
            if round % 4 > 0 {
                for _ in 0..<Int.random(in: 1...2, using: &random) { random.change(&json) }
            }
            let isValid = isJSON(json)
            if isValid { valid += 1 } else { invalid += 1 }
            guard Self.isComparable(json) else { continue }
            let isFoundationsValid = (try? JSONSerialization.jsonObject(with: Data(json))) is [String: Any]
            #expect(isValid == isFoundationsValid, "\(String(decoding: json, as: UTF8.self))")
        }
        #expect(valid > 5000 && invalid > 5000)
    }

    /// Foundation looks for other encodings where there are NULs, allows a comma before a closing bracket, and refuses numbers
    /// that no `Double` can hold.
    private static func isComparable(_ json: [UInt8]) -> Bool {
        do throws(JSONSyntaxError) {
            _ = try JSONObject(json)
        } catch {
            if error.reason == .trailingComma { return false }
        }
        return !json.contains(0) && !String(decoding: json, as: UTF8.self).contains(/[eE][+-]?[0-9]{3}/)
    }
}

extension SeededGenerator {
    /// A value with everything that JSON has in it.
    fileprivate mutating func json(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &self) {
        case 0: return ["true", "false", "null"].randomElement(using: &self) ?? ""
        case 1: return "\(Int.random(in: -1000...1000, using: &self))"
        case 2:
            let parts = [["-", ""], ["0", "7", "120"], ["", ".5", ".0", ".125"], ["", "e1", "E+2", "e-30"]]
            return parts.map { $0.randomElement(using: &self) ?? "" }.joined()
        case 3, 4, 5: return jsonText()
        case 6:
            return "["
                + (0..<Int.random(in: 0...4, using: &self)).map { _ in json(depth: depth - 1) }.joined(
                    separator: space() + ",")
                + space() + "]"
        default:
            let fields = (0..<Int.random(in: 0...4, using: &self)).map { _ in
                space() + jsonText() + space() + ":" + space() + json(depth: depth - 1)
            }
            return "{" + fields.joined(separator: space() + ",") + space() + "}"
        }
    }

    private mutating func jsonText() -> String {
        let pieces = [
            "a", "type", "日", "😀", #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\n"#, #"\u0041"#, #"\u0000"#, #"\ud83d\ude00"#,
            "e\u{301}",
            "eight or more bytes", " ",
        ]
        let text = (0..<Int.random(in: 0...5, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }
        return "\"\(text.joined())\""
    }

    private mutating func space() -> String { ["", "", "", " ", "\t", "\r\n"].randomElement(using: &self) ?? "" }

    /// One byte goes, comes, or is another one; most often one that means something.
    fileprivate mutating func change(_ json: inout [UInt8]) {
        let index = Int.random(in: json.indices, using: &self)
        let meaning = Array("{}[]:,\"\\utfn0123456789.-+eE \n/x".utf8)
        let byte =
            Int.random(in: 0..<10, using: &self) == 0
            ? UInt8.random(in: 1...255, using: &self) : meaning.randomElement(using: &self) ?? 0
        switch Int.random(in: 0..<3, using: &self) {
        case 0: json.remove(at: index)
        case 1: json.insert(byte, at: index)
        default: json[index] = byte
        }
    }
}
