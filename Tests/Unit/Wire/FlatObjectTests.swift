import Foundation
import Testing

@testable import Wire

struct FlatObjectTests {
    @Test(
        arguments: [
            #"{"a":"b"}"#, #"{"a":"","b":"日本 😀","c":"\\\"\/\n\r\t"}"#, #"{"a":"{\"b\":\"c\"}"}"#, #"{"":"x"}"#,
        ])
    func `an object of strings is read as Foundation reads it`(json: String) throws {
        let expected = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
        let object = try #require(FlatObject(Array(json.utf8)))
        for (key, value) in expected { #expect(object[key] == value) }
        #expect(object["another"] == nil)
    }

    @Test(
        arguments: [
            "", "{", "}", "{}", "[]", "null", "\"a\"", #"{"a"}"#, #"{"a":}"#, #"{"a":"b",}"#, #"{"a":"b"}x"#,
            #"{"a":"b"#,
            #"{"a":"b"}}"#, #"{ "a":"b"}"#, #"{"a":1}"#, #"{"a":null}"#, #"{"a":["b"]}"#, #"{"a":{"b":"c"}}"#,
            #"{"a":"\u0041"}"#, #"{"a":"\x"}"#, #"{"a":"\"#, #"{"a":"b","a":"c"}"#, "{\"a\":\"\n\"}",
            "{\"a\":\"\\n\n\"}", #"{"a" :"b"}"#, #"{"a":"b"; "c":"d"}"#, #"{a:"b"}"#,
        ])
    func `anything else is left to the decoder`(json: String) {
        #expect(FlatObject(Array(json.utf8)) == nil)
    }

    @Test func `counts and truth values are read for who asks for them`() throws {
        let json = Array(#"{"a":"7","b":0,"c":999999999999999999,"d":true,"e":false}"#.utf8)
        let object = try #require(FlatObject(json, withLiterals: true))
        #expect(object["a"] == "7" && object.count("a") == nil && object.flag("a") == nil)
        #expect(object.count("b") == 0 && object.count("c") == 999_999_999_999_999_999 && object["b"] == nil)
        #expect(object.flag("d") == true && object.flag("e") == false && object.count("d") == nil)
        #expect(FlatObject(json) == nil)
    }

    @Test(
        arguments: [
            "", "-1", "01", "1.5", "1e3", "1000000000000000000", "null", "tru", "truex", "True", "1a", "\"a", "[]",
            "{}", " 1",
            "1 ",
        ])
    func `other literals are left to the decoder`(literal: String) {
        #expect(FlatObject(Array(#"{"a":\#(literal)}"#.utf8), withLiterals: true) == nil)
        #expect(FlatObject(Array(#"{"a":\#(literal),"b":"c"}"#.utf8), withLiterals: true) == nil)
    }

    @Test func `bytes that are no UTF-8 are no text`() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x5C, 0x6E, 0xE2, 0x82]] {
            #expect(FlatObject(Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)) == nil)
        }
    }
}
