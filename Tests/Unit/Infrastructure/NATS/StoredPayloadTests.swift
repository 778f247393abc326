import Domain
import Foundation
import Testing

@testable import InfrastructureNATS

struct StoredPayloadTests {
    private let dev: RoomName
    private let now = Timestamp(millisecondsSince1970: 1_800_000_000_000)

    init() throws { dev = try RoomName("dev") }

    private func decode(_ json: String) -> Entry.Body {
        StoredPayload.decode(
            Array(json.utf8), in: .room(dev), sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
    }

    private func message(
        id: String = "seq-e1-7", sender: String = "bob", content: String = "hi", at milliseconds: Int64
    ) -> Entry.Body {
        .message(
            Message(
                id: MessageID(id), sender: sender, content: content,
                timestamp: Timestamp(millisecondsSince1970: milliseconds)))
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
        let body = StoredPayload.decode(
            StoredPayload.encode(draft), in: .room(dev), sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
        #expect(body == message(id: "m\"1", sender: "al\"ice", content: content, at: 1_767_323_045_678))
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
        #expect(decode(json) == .foreignNotice("bob joined the room dev"))
    }

    @Test(
        arguments: [
            "", "null", "[]", "7", "hello", "{", "{}", #"{"type":null}"#, #"{"type":1}"#,
            #"{"type":"chat_message","sender":7,"content":"hi"}"#,
            #"{"type":"chat_message","sender":"bob","content":["hi"]}"#, "\0\0\0",
            #"{"type":"chat_message"}"#, #"{"type":"chat_message","sender":"bob"}"#,
            #"{"type":"chat_message","content":"hi"}"#, #"{"type":"chat_message","sender":"","content":"hi"}"#,
            #"{"type":"chat_message","sender":"bob","content":""}"#, #"{"type":"system_message"}"#,
        ])
    func `what is neither a message nor a notice cannot be read`(json: String) {
        #expect(decode(json) == .unreadable)
    }

    @Test(
        arguments: [
            #"{"type":"edit","sender":"bob","content":"hi","id":"m1"}"#, #"{"type":"typing"}"#, #"{"type":""}"#,
            // Not even the fields need be what they are today.
            #"{"sender":{"id":7},"content":["hi"],"at":1,"type":"poll"}"#,
        ])
    func `a type of a later version is an entry of an unknown kind, in rooms and inboxes`(json: String) throws {
        for topic in [Topic.room(dev), .inbox(try Username("bob"))] {
            let body = StoredPayload.decode(
                Array(json.utf8), in: topic, sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
            #expect(body == .unknown)
        }
    }

    @Test func `fields of a later version do not hide a message`() {
        let json = #"{"type":"chat_message","sender":"bob","content":"hi","at":"1970-01-01T00:00:01.000Z","flags":[1]}"#
        #expect(decode(json) == message(at: 1000))
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
            let body = StoredPayload.decode(
                StoredPayload.encode(draft), in: .inbox(owner), sequence: SequenceNumber(7), epoch: Epoch("e1"),
                now: now)
            #expect(
                body
                    == .message(
                        Message(
                            id: MessageID("m1"), sender: "alice", recipient: "b\"ob", content: "psst",
                            timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678))))
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
            let body = StoredPayload.decode(
                Array(json.utf8), in: inbox, sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
            #expect(body == .unreadable, "\(json)")
        }
        #expect(decode(#"{"type":"private_message","sender":"a","to":"bob","content":"hi"}"#) == .unreadable)
    }

    @Test func `bytes that are no UTF-8 are passed over`() {
        let bytes =
            Array(#"{"type":"chat_message","sender":"bob","content":""#.utf8) + [0xFF, 0xFE] + Array("\"}".utf8)
        #expect(
            StoredPayload.decode(bytes, in: .room(dev), sequence: SequenceNumber(7), epoch: Epoch("e1"), now: now)
                == .unreadable)
    }
}
