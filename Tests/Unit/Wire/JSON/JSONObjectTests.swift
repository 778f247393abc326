import Foundation
import Testing

@testable import Wire

struct JSONObjectTests {
    private func object(_ json: String, keepingNested: Bool = false) throws -> JSONObject {
        try JSONObject(json.utf8, keepingNested: keepingNested)
    }

    @Test(
        arguments: [
            #"{"a":"b"}"#, #"{"a":"","b":"日本 😀","c":"\\\"\/\b\f\n\r\t"}"#, #"{"a":"{\"b\":\"c\"}"}"#, #"{"":"x"}"#,
            #"{ "a" : "\u0041\u00e9\u65e5\ud83d\ude00" , "eight or more" : "1234567\"89" }"#, "{}",
            #"{"a":"1234567\n","b":"12345678\n","c":"123456789\n","d":"1234567日\t89"}"#,
        ])
    func `texts are read as Foundation reads them`(json: String) throws {
        let expected = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
        let object = try object(json)
        #expect(object.fields.count == expected.count)
        for (key, value) in expected { #expect(try object.text(key).map { Array($0.utf8) } == Array(value.utf8)) }
        #expect(try object.text("another") == nil)
    }

    @Test func `of a field that stands twice the first counts`() throws {
        let object = try object(#"{"a":"1","b":2,"a":"3","\u0061":null}"#)
        #expect(try object.text("a") == "1")
        #expect(object.fields.map(\.key) == ["a", "b", "a", "a"])
    }

    @Test func `a field that is missing is not one of another type`() throws {
        let object = try object(#"{"text":"t","number":7,"flag":true,"null":null,"list":[1],"object":{"a":1}}"#)
        #expect(
            try object.text("null") == nil && object.flag("null") == nil && object.whole("null", as: Int.self) == nil)
        for key in ["number", "flag", "list", "object"] {
            #expect(throws: JSONFieldError(key, .notText)) { try object.text(key) }
        }
        for key in ["text", "number", "list", "object"] {
            #expect(throws: JSONFieldError(key, .notFlag)) { try object.flag(key) }
        }
        for key in ["text", "flag", "list", "object"] {
            #expect(throws: JSONFieldError(key, .notNumber)) { try object.whole(key, as: Int.self) }
        }
        #expect(throws: JSONFieldError("gone", .missing)) { try object.requiredText("gone") }
        #expect(throws: JSONFieldError("null", .missing)) { try object.requiredFlag("null") }
        #expect(throws: JSONFieldError("null", .missing)) { try object.requiredWhole("null", as: Int.self) }
    }

    @Test func `what is nested is kept for who wants it`() throws {
        let json = #"{"list":[1,"b",[],{"c":[true]}],"object":{"d":{"e":"f"}}}"#
        guard case .nested? = try object(json)["list"], case .nested? = try object(json)["object"] else {
            Issue.record("kept")
            return
        }
        let kept = try object(json, keepingNested: true)
        let list = try #require(try kept.list("list"))
        #expect(list.count == 4)
        guard case .object(let inner) = list[3], case .object(let outer)? = kept["object"],
            case .object(let deepest)? = outer["d"]
        else {
            Issue.record("not kept")
            return
        }
        #expect(try inner.list("c")?.count == 1)
        #expect(try deepest.text("e") == "f")
    }

    @Test func `thousands of fields are read in no more than the time that their bytes take`() throws {
        // Were each compared with all before it, this would take minutes.
        let fields = (0..<50_000).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
        let object = try object("{\(fields)}")
        #expect(object.fields.count == 50_000)
        #expect(try object.whole("f49999", as: Int.self) == 49_999)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("1.0", 1), ("1e2", 100), ("1E+2", 100), ("100e-2", 1),
            ("12.50e1", 125),
            ("0.0e99999999999999999999", 0), ("-0.000e-7", 0), ("1.5e1", 15), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9.223372036854775807e18", .max), ("1e18", 1_000_000_000_000_000_000),
            ("0.001e3", 1), ("1000000000000000000000e-21", 1), ("1.5", nil), ("1e-1", nil), ("1e400", nil),
            ("-1e400", nil),
            ("1e19", nil), ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e99999999999999999999", nil),
            ("1e-99999999999999999999", nil), ("1e-9223372036854775808", nil), ("0.5", nil), ("12.345e2", nil),
            ("10e9223372036854775807", nil), ("-1000e9223372036854775806", nil), ("0e9223372036854775807", 0),
            ("1.0e-9223372036854775807", nil),
        ] as [(String, Int?)])
    func `a number is worth exactly what it says`(text: String, value: Int?) throws {
        let object = try object(#"{"n":\#(text)}"#)
        if let value {
            #expect(try object.whole("n") == value)
        } else {
            #expect(throws: JSONFieldError("n", .outOfRange)) { try object.whole("n", as: Int.self) }
        }
        guard case .number(let number)? = object["n"] else { return }
        #expect(number.description == text)
    }

    @Test func `a number may be as large as its type`() throws {
        let object = try object(
            #"{"a":18446744073709551615,"b":18446744073709551616,"c":-1,"d":-0,"e":1.8446744073709551615e19}"#)
        #expect(try object.whole("a", as: UInt64.self) == .max)
        #expect(try object.whole("e", as: UInt64.self) == .max)
        #expect(try object.whole("d", as: UInt64.self) == 0)
        for key in ["b", "c"] {
            #expect(throws: JSONFieldError(key, .outOfRange)) { try object.whole(key, as: UInt64.self) }
        }
    }

    @Test func `a number of a hundred thousand digits is no number of ours, and takes no time`() throws {
        let digits = String(repeating: "1", count: 100_000)
        let object = try object(#"{"a":\#(digits),"b":1.\#(digits),"c":1e\#(digits),"d":\#(digits)e-\#(digits)}"#)
        for key in ["a", "b", "c", "d"] {
            #expect(throws: JSONFieldError(key, .outOfRange)) { try object.whole(key, as: UInt64.self) }
        }
    }

    @Test(
        arguments: [
            ("", "line 1, column 1: it ends too early"), ("{", "line 1, column 2: it ends too early"),
            ("[]", "line 1, column 1: an object is expected, which begins with {"),
            ("// c\n{}", "line 1, column 1: an object is expected, which begins with {"),
            ("{\n  \"port\": 8080,\n}", "line 2, column 15: a comma must not stand before a closing bracket"),
            ("{\r\n\"a\":\r\n021}", "line 3, column 1: a number must not begin with a zero"),
            ("{\r\"a\":\r1.}", "line 3, column 3: a digit is expected"),
            ("{\"日本\":😀}", "line 1, column 7: a value is expected"),
            ("{\"a\":1 \"b\":2}", "line 1, column 8: a comma or a closing bracket is expected"),
            ("{\"a\" 1}", "line 1, column 6: a colon is expected"),
            ("{a:1}", "line 1, column 2: a name in double quotes"),
            ("{\"a\":\"\n\"}", "line 1, column 7: a control character"),
            ("{\"a\":\"b\\x\"}", "line 1, column 8: a backslash"),
            ("{\"a\":\"\\ud800\"}", "line 1, column 7: half a surrogate pair"),
            ("{}\n{}", "line 2, column 1: something follows the object"),
        ])
    func `a mistake has a place, for whoever wrote it`(json: String, words: String) {
        do throws(JSONSyntaxError) {
            _ = try JSONObject(json.utf8)
            Issue.record("read")
        } catch {
            #expect(error.words(in: json.utf8).hasPrefix(words), "\(error.words(in: json.utf8))")
        }
    }

    @Test func `every prefix of a document ends too early`() throws {
        let json = Array(#"{"a":"b\n\u00e9","c":[1.5e3,true,null,{"d":"\ud83d\ude00"}]}"#.utf8)
        _ = try JSONObject(json)
        for length in json.indices {
            #expect(throws: JSONSyntaxError.self, "\(length)") { try JSONObject(json[..<length]) }
        }
    }

    @Test func `a byte order mark can be taken off`() throws {
        let json = Array("{}".utf8)
        #expect(Array(([0xEF, 0xBB, 0xBF] + json).withoutByteOrderMark) == json)
        #expect(Array(json.withoutByteOrderMark) == json)
        #expect(Array([0xEF, 0xBB].withoutByteOrderMark) == [0xEF, 0xBB])
    }
}
