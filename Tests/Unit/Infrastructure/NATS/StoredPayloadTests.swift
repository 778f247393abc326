import Domain
import Foundation
import Testing

@testable import Infrastructure

struct StoredPayloadTests {
    private let dev: RoomName
    private let now = Timestamp(millisecondsSince1970: 1_800_000_000_000)

    init() throws { dev = try RoomName("dev") }

    private func decode(_ json: String) -> RoomEvent? {
        StoredPayload.decode(
            Array(json.utf8), topic: .room(dev), sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
    }

    private func message(
        id: String = "seq-e1-7", sender: String = "bob", content: String = "hi", at milliseconds: Int64
    ) -> RoomEvent {
        .message(
            ChatMessage(
                id: MessageID(id), room: dev, sender: sender, content: content,
                timestamp: Timestamp(millisecondsSince1970: milliseconds), sequence: SequenceNumber(7)))
    }

    @Test func `a message is the classic object plus id and time`() throws {
        let draft = Draft(
            id: MessageID("m1"), room: dev, sender: try Username("alice"), content: "a \"b\"\n",
            timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_000))
        let expected = """
            {"type":"chat_message","sender":"alice","content":"a \\"b\\"\\n","timestamp":"2026-01-02 03:04:05",\
            "room":"dev","id":"m1","at":"2026-01-02T03:04:05.000Z"}
            """
        #expect(String(decoding: StoredPayload.encode(draft), as: UTF8.self) == expected)
    }

    @Test(arguments: ["hi", " ", "\0\u{1F}\"\\", "日本語 😀", "\u{2028}", "{\"type\":\"system_message\"}"])
    func `what was encoded comes back, to the millisecond`(content: String) throws {
        let draft = Draft(
            id: MessageID("m\"1"), room: dev, sender: try Username("al\"ice"), content: content,
            timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678))
        let event = StoredPayload.decode(
            StoredPayload.encode(draft), topic: .room(dev), sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
        #expect(event == message(id: "m\"1", sender: "al\"ice", content: content, at: 1_767_323_045_678))
    }

    @Test func `a message of an original server gets its id from its place in the log`() {
        let json =
            #"{"type":"chat_message","sender":"bob","content":"hi","timestamp":"2026-01-02 03:04:05","room":"dev"}"#
        #expect(decode(json) == message(at: 1_767_323_045_000))
    }

    @Test func `the room is the subject's, whatever the payload says`() {
        let json =
            #"{"type":"chat_message","sender":"bob","content":"hi","room":"other","at":"1970-01-01T00:00:01.000Z"}"#
        #expect(decode(json) == message(at: 1000))
    }

    @Test(
        arguments: [
            #""timestamp":"yesterday""#, #""at":"later","timestamp":"sooner""#, #""at":null,"timestamp":null"#,
            #""x":1"#,
        ])
    func `a time that cannot be read is the time at which it came`(field: String) {
        #expect(
            decode(#"{"type":"chat_message","sender":"bob","content":"hi",\#(field)}"#)
                == message(at: 1_800_000_000_000))
    }

    @Test func `the exact time goes before the classic one, and the classic one before none`() {
        let head = #"{"type":"chat_message","sender":"bob","content":"hi","timestamp":"1970-01-01 00:00:09","at":"#
        #expect(decode(head + #""1970-01-01T00:00:01.500Z"}"#) == message(at: 1500))
        #expect(decode(head + #""garbage"}"#) == message(at: 9000))
    }

    @Test func `a notice of an original server is shown in its own words`() {
        let json = #"{"type":"system_message","content":"bob joined the room dev","room":"dev"}"#
        #expect(decode(json) == .foreignNotice(room: dev, content: "bob joined the room dev"))
    }

    @Test(
        arguments: [
            "", "null", "[]", "7", "hello", "{", "{}", #"{"type":null}"#, #"{"type":"join_room","room":"dev"}"#,
            #"{"type":"typing"}"#, #"{"type":1}"#, #"{"type":"chat_message","sender":7,"content":"hi"}"#,
            #"{"type":"chat_message","sender":"bob","content":["hi"]}"#, "\0\0\0",
            #"{"type":"chat_message"}"#, #"{"type":"chat_message","sender":"bob"}"#,
            #"{"type":"chat_message","content":"hi"}"#, #"{"type":"chat_message","sender":"","content":"hi"}"#,
            #"{"type":"chat_message","sender":"bob","content":""}"#, #"{"type":"system_message"}"#,
        ])
    func `what is neither a message nor a notice is passed over`(json: String) {
        #expect(decode(json) == nil)
    }

    @Test func `a private message names its two parties, whoever's copy it is`() throws {
        let (alice, bob) = (try Username("alice"), try Username("b\"ob"))
        for owner in [alice, bob] {
            let draft = Draft(
                id: MessageID("m1"), in: owner, from: alice, to: bob, content: "psst",
                timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678))
            let expected = """
                {"type":"private_message","sender":"alice","to":"b\\"ob","content":"psst",\
                "timestamp":"2026-01-02 03:04:05","id":"m1","at":"2026-01-02T03:04:05.678Z"}
                """
            #expect(String(decoding: StoredPayload.encode(draft), as: UTF8.self) == expected)
            let event = StoredPayload.decode(
                StoredPayload.encode(draft), topic: .inbox(owner), sequence: SequenceNumber(7), epoch: Epoch("e1"),
                now: now)
            #expect(
                event
                    == .privateMessage(
                        PrivateMessage(
                            id: MessageID("m1"), owner: owner, sender: "alice", recipient: "b\"ob", content: "psst",
                            timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678),
                            sequence: SequenceNumber(7))))
        }
    }

    @Test func `what belongs into the other kind of topic is passed over`() throws {
        let inbox = Topic.inbox(try Username("bob"))
        for json in [
            #"{"type":"chat_message","sender":"a","content":"hi","to":"bob"}"#,
            #"{"type":"system_message","content":"hi"}"#, #"{"type":"private_message","sender":"a","content":"hi"}"#,
            #"{"type":"private_message","sender":"a","to":"","content":"hi"}"#,
            #"{"type":"private_message","to":"bob","content":"hi"}"#,
        ] {
            let event = StoredPayload.decode(
                Array(json.utf8), topic: inbox, sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
            #expect(event == nil, "\(json)")
        }
        #expect(decode(#"{"type":"private_message","sender":"a","to":"bob","content":"hi"}"#) == nil)
    }

    @Test func `bytes that are no UTF-8 are passed over`() {
        let bytes =
            Array(#"{"type":"chat_message","sender":"bob","content":""#.utf8) + [0xFF, 0xFE] + Array("\"}".utf8)
        #expect(
            StoredPayload.decode(bytes, topic: .room(dev), sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
                == nil)
    }
}
