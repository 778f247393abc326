import Foundation
import Testing
import Wire

@testable import TestSupport

struct ClassicCommandTests {
    private func decode(_ json: String) throws(ClassicDecodingError) -> ClassicCommand {
        try ClassicCommand(json: json.utf8)
    }

    @Test(
        arguments: [
            (.chatMessage(content: "hi"), #"{"type":"chat_message","content":"hi"}"#),
            (.chatMessage(content: ""), #"{"type":"chat_message"}"#),
            (.chatMessage(content: "a\"b\n日"), #"{"type":"chat_message","content":"a\"b\n日"}"#),
            (.joinRoom("dev"), #"{"type":"join_room","room":"dev"}"#),
            (.joinRoom(""), #"{"type":"join_room"}"#),
            (.leaveRoom, #"{"type":"leave_room"}"#),
            (.listUsers(room: nil), #"{"type":"list_users"}"#),
            (.listUsers(room: "dev"), #"{"type":"list_users","room":"dev"}"#),
            (.listRooms, #"{"type":"list_rooms"}"#),
        ] as [(ClassicCommand, String)])
    func `a command is these bytes, and comes back from them`(command: ClassicCommand, json: String) throws {
        #expect(String(decoding: command.json, as: UTF8.self) == json)
        #expect(try decode(json) == command)
    }

    @Test(
        arguments: [
            (#" { "room" : "x", "content":"hi" ,"type":"chat_message"} "#, .chatMessage(content: "hi")),
            (
                #"{"type":"chat_message","sender":"eve","timestamp":"t","room":"r","content":"hi"}"#,
                .chatMessage(content: "hi")
            ),
            (#"{"type":"chat_message","content":null}"#, .chatMessage(content: "")),
            (#"{"type":"join_room","room":null}"#, .joinRoom("")),
            (#"{"type":"list_users","room":""}"#, .listUsers(room: nil)),
            (#"{"type":"list_users","room":null}"#, .listUsers(room: nil)),
            (#"{"type":"list_rooms","unknown":{"a":[1,2,{"b":null}]}}"#, .listRooms),
            (#"{"type":"list_rooms","x":1e400}"#, .listRooms),
            (#"{"type":"leave_room","unknown":[]}"#, .leaveRoom),
            (#"{"\u0074ype":"join_room","room":"\u65e5\ud83d\ude00"}"#, .joinRoom("日😀")),
            (#"{"type":"chat_message","content":"\u0000\/\b\f"}"#, .chatMessage(content: "\0/\u{08}\u{0C}")),
            (#"{"type":"join_room","room":" dev "}"#, .joinRoom(" dev ")),
        ] as [(String, ClassicCommand)])
    func `other ways to write a command mean the same`(json: String, command: ClassicCommand) throws {
        #expect(try decode(json) == command)
    }

    @Test(
        arguments: [
            "", " ", "null", "true", "1", "\"text\"", "[]", #"[{"type":"leave_room"}]"#, "{", "}", "{]",
            #"{"type":"leave_room""#, #"{"type":"leave_room"}}"#, #"{"type":"leave_room"} {"type":"leave_room"}"#,
            #"{"type":1}"#, #"{"type":true}"#, #"{"type":["leave_room"]}"#, #"{"type":{"a":"leave_room"}}"#,
            #"{"type":"chat_message","content":1}"#, #"{"type":"chat_message","content":["a"]}"#,
            #"{"type":"chat_message","content":{"a":"b"}}"#, #"{"type":"chat_message","content":false}"#,
            #"{"type":"join_room","room":7}"#, #"{"type":"chat_message","content":"hi","sender":1}"#,
            #"{"type":"chat_message","content":"hi","timestamp":12}"#, "{'type':'leave_room'}", "{type:leave_room}",
            "not json", "\0", #"{"type":"chat_message","content":"\x"}"#, #"{"type":"leave_room",}"#,
            #"{"type":"leave_room","x":01}"#, #"{"type":"leave_room","x":-}"#, "\u{FEFF}{\"type\":\"leave_room\"}",
        ])
    func `what is no object with text fields is not understood`(json: String) {
        #expect(throws: ClassicDecodingError.notAnObject) { try decode(json) }
    }

    @Test(
        arguments: [
            ("{}", ""), (#"{"type":null}"#, ""), (#"{"type":""}"#, ""), (#"{"type":"dance"}"#, "dance"),
            (#"{"type":"Chat_Message"}"#, "Chat_Message"),
            (#"{"type":"system_message","content":"x"}"#, "system_message"),
            (#"{"type":" leave_room"}"#, " leave_room"), (#"{"TYPE":"leave_room"}"#, ""),
        ])
    func `a type that nobody knows is named`(json: String, type: String) {
        #expect(throws: ClassicDecodingError.unknownType(type)) { try decode(json) }
    }

    @Test(arguments: [#"\ud800"#, #"\udc00"#, #"\ud800x"#, #"\udc00\ud800"#])
    func `half a surrogate pair is refused, since no text can hold it`(escape: String) {
        let json = #"{"type":"chat_message","content":"\#(escape)"}"#
        #expect(throws: ClassicDecodingError.notAnObject) { try decode(json) }
    }

    @Test func `bytes that are no UTF-8 are not understood`() {
        let bytes = Array(#"{"type":"chat_message","content":""#.utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        #expect(throws: ClassicDecodingError.notAnObject) { try ClassicCommand(json: bytes) }
    }

    @Test func `of a field that stands twice the first counts`() throws {
        #expect(try decode(#"{"type":"join_room","room":"a","room":"b","type":"leave_room"}"#) == .joinRoom("a"))
    }

    @Test func `a large message is read whole`() throws {
        let content = String(repeating: "日本\"\\\n", count: 200_000)
        #expect(
            try ClassicCommand(json: ClassicCommand.chatMessage(content: content).json)
                == .chatMessage(content: content))
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func `deep nesting is refused, and overflows no stack`(open: String, close: String) {
        let nested = String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
        #expect(throws: ClassicDecodingError.self) { try decode(#"{"type":\#(nested)}"#) }
        #expect(throws: ClassicDecodingError.notAnObject) { try decode(#"{"type":"leave_room","x":\#(nested)}"#) }
    }

    @Test func `whatever is written reads back equal, and garbage is refused without harm`() throws {
        var random = SeededGenerator(seed: 0xC0FFEE)
        for _ in 0..<1000 {
            let text = random.text(maximum: 30)
            for command in [.chatMessage(content: text), .joinRoom(text), .listUsers(room: "x" + text)]
                as [ClassicCommand]
            {
                #expect(try ClassicCommand(json: command.json) == command)
            }
        }
        var understood = 0
        for _ in 0..<4000 {
            if (try? ClassicCommand(json: random.almostJSON(maximum: 24))) != nil { understood += 1 }
        }
        #expect(understood < 4000)
    }

    @Test func `a frame with a few bytes changed is refused or read, without harm`() {
        var random = SeededGenerator(seed: 7)
        let frame = ClassicCommand.chatMessage(content: "a\"b\\c\n日本語😀").json
        for _ in 0..<4000 {
            var bytes = frame
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let command = try? ClassicCommand(json: bytes) {
                #expect(String(validating: command.json, as: UTF8.self) != nil)
            }
        }
    }
}
