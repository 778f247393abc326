import Foundation
import Testing
import Wire

@testable import ChatClient

@Suite struct EventLineTests {
    @Test(arguments: [
        #"{"type":"ack","seq":18446744073709551615,"big":1.50e2,"list":[1, 2,{"a":null}]}"#,
        #"{"type":"unknown","content":"a \" b \\ c \\\" d 🙂 日本 é"}"#, "{}",
    ])
    func `What is harmless stays as it was sent, to the byte`(json: String) {
        #expect(EventLine.make(json.utf8) == json)
    }

    @Test(arguments: [
        "line\nbreak\rs", "tab\tand nul\u{0}", "\u{1B}[31mred\u{1B}]0;title\u{7}", "\u{9B}31m",
        "\u{85}next\u{2028}and\u{2029}",
        "\u{202E}evil\u{2066}", "zero\u{200B}width\u{FEFF}", "tag\u{E0041}", "\"},\n{\"type\":\"ack\"}", "\\\"\\",
        "\u{7F}",
    ])
    func `Whatever strangers say is one line of plain characters, and is read back as it was said`(content: String)
        throws
    {
        let message = V2Message(id: "i", room: "r", sender: content, content: content, timestamp: "", sequence: 1)
        let line = try #require(EventLine.make(V2Frame(.chatMessage(message)).json))
        let categories: [Unicode.GeneralCategory] = [.control, .format, .lineSeparator, .paragraphSeparator]
        #expect(!line.unicodeScalars.contains { categories.contains($0.properties.generalCategory) })
        #expect(try V2Frame(json: Array(line.utf8)).event == .chatMessage(message))
    }

    @Test func `Line breaks between the parts are left out`() {
        #expect(EventLine.make("{\r\n \"a\" :\n [ 1,\n 2 ]\n}\n".utf8) == "{ \"a\" : [ 1, 2 ]}")
    }

    @Test(arguments: ["", "hello", "[1]", "{", "{\"a\":\"\u{1}\"}", "{} {}", "\"type\"", "{\"a\":1}\n{\"b\":2}"])
    func `What is no JSON object is no line`(json: String) {
        #expect(EventLine.make(json.utf8) == nil)
    }

    @Test(arguments: [
        (
            #"{"type":"welcome","session":"se\"cr,et","rooms":["session"]}"#,
            #"{"type":"welcome","session":"","rooms":["session"]}"#
        ),
        (#"{"session":"secret"}"#, #"{"session":""}"#),
        (
            #"{"content":"session","x":{"session":"kept"},"y":"z"}"#,
            #"{"content":"session","x":{"session":"kept"},"y":"z"}"#
        ),
    ])
    func `The secret of a session is left out`(json: String, line: String) {
        #expect(EventLine.make(json.utf8) == line)
    }
}
