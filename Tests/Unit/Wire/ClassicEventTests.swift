import Testing
import Wire

@testable import TestSupport

struct ClassicEventTests {
    @Test(
        arguments: [
            (
                .chatMessage(sender: "alice", content: "hi", timestamp: "2026-01-02 03:04:05", room: "dev"),
                #"{"type":"chat_message","sender":"alice","content":"hi","timestamp":"2026-01-02 03:04:05","room":"dev"}"#
            ),
            (
                .chatMessage(sender: "", content: "hi", timestamp: "", room: ""),
                #"{"type":"chat_message","content":"hi"}"#
            ),
            (
                .chatMessage(sender: "a\"b", content: "<b>\n\0", timestamp: "t", room: "日本語"),
                #"{"type":"chat_message","sender":"a\"b","content":"<b>\n\u0000","timestamp":"t","room":"日本語"}"#
            ),
            (
                .system(content: "alice joined the room dev"),
                #"{"type":"system_message","content":"alice joined the room dev"}"#
            ),
            (.system(content: ""), #"{"type":"system_message"}"#),
        ] as [(ClassicEvent, String)])
    func `an event is these bytes, and comes back from them`(event: ClassicEvent, json: String) throws {
        #expect(String(decoding: event.json, as: UTF8.self) == json)
        #expect(try ClassicEvent(json: json.utf8) == event)
    }

    @Test func `fields that are absent, null or empty mean the same`() throws {
        let empty = ClassicEvent.chatMessage(sender: "", content: "", timestamp: "", room: "")
        #expect(try ClassicEvent(json: #"{"type":"chat_message"}"#.utf8) == empty)
        #expect(try ClassicEvent(json: #"{"type":"chat_message","sender":null,"room":""}"#.utf8) == empty)
    }

    @Test func `fields of later versions are passed over`() throws {
        let json = #"{"type":"system_message","content":"x","id":7,"at":["y"]}"#
        #expect(try ClassicEvent(json: json.utf8) == .system(content: "x"))
    }

    @Test(arguments: [("{}", ""), (#"{"type":"join_room"}"#, "join_room"), (#"{"type":"welcome"}"#, "welcome")])
    func `a type that is not for clients is named`(json: String, type: String) {
        #expect(throws: ClassicDecodingError.unknownType(type)) { try ClassicEvent(json: json.utf8) }
    }

    @Test(arguments: [
        "", "[]", "null", #"{"type":"system_message","content":5}"#, #"{"type":"chat_message","room":{}}"#,
    ])
    func `what is no object with text fields is not understood`(json: String) {
        #expect(throws: ClassicDecodingError.notAnObject) { try ClassicEvent(json: json.utf8) }
    }

    @Test func `whatever is written reads back equal`() throws {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<1000 {
            let event = ClassicEvent.chatMessage(
                sender: random.text(maximum: 10), content: random.text(maximum: 40),
                timestamp: random.text(maximum: 10), room: random.text(maximum: 10))
            #expect(try ClassicEvent(json: event.json) == event)
            let notice = ClassicEvent.system(content: random.text(maximum: 40))
            #expect(try ClassicEvent(json: notice.json) == notice)
        }
    }
}
