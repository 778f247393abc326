import Domain
import Service
import Testing

@testable import InfrastructureNATS

struct AnnouncementPayloadTests {
    private func decode(_ json: String) -> Announcement? { AnnouncementPayload.decode(Array(json.utf8)) }

    private func text(_ announcement: Announcement) -> String {
        String(decoding: AnnouncementPayload.encode(announcement), as: UTF8.self)
    }

    @Test(arguments: [MembershipNotice.Change.joined, .left])
    func `a membership notice comes back from its bytes`(change: MembershipNotice.Change) throws {
        let notice = Announcement.membership(
            MembershipNotice(
                id: "n1", change, room: try RoomName("a.b\""), username: try Username("日本"),
                timestamp: Timestamp(millisecondsSince1970: 1500)))
        #expect(
            text(notice)
                == #"{"type":"\#(change.rawValue)","username":"日本","room":"a.b\"","id":"n1","at":"1970-01-01T00:00:01.500Z"}"#
        )
        #expect(decode(text(notice)) == notice)
    }

    @Test func `it says whose session it was and how many are there, where that is known`() throws {
        let notice = Announcement.membership(
            MembershipNotice(
                .joined, room: .global, username: try Username("alice"), session: SessionID("s1"), members: 7,
                timestamp: Timestamp(millisecondsSince1970: 1500)))
        #expect(decode(text(notice)) == notice)
    }

    @Test func `typing comes back from its bytes`() throws {
        for isTyping in [true, false] {
            let notice = Announcement.typing(
                TypingNotice(
                    room: try RoomName("dev"), username: try Username("al\"ice"), session: SessionID("s1"),
                    isTyping: isTyping))
            #expect(
                text(notice)
                    == #"{"type":"typing","username":"al\"ice","room":"dev","session":"s1","is_typing":\#(isTyping)}"#)
            #expect(decode(text(notice)) == notice)
        }
    }

    @Test func `succession comes back from its bytes`() {
        let succession = Announcement.succession(SessionID("s1"))
        #expect(text(succession) == #"{"type":"session_succeeded","session":"s1"}"#)
        #expect(decode(text(succession)) == succession)
    }

    @Test(
        arguments: [
            ("user_joined", "user_moved"), ("\"id\"", "\"no\""), ("alice", "a b"), ("alice", ""), ("dev", "a b"),
            ("1970-01-01T00:00:01.000Z", "now"), ("\"alice\"", "7"), ("{", "["), ("\"members\":3", "\"members\":\"3\""),
            ("\"members\":3", "\"members\":99999999999999999999"), ("s1", String(repeating: "s", count: 65)),
            ("n1", String(repeating: "n", count: 65)), ("\"s1\"", "7"), ("\"s1\"", "true"),
            ("\"members\":3", "\"members\":true"), ("\"at\"", "\"is_typing\":7,\"at\""),
        ])
    func `what is no membership notice of ours is passed over`(part: String, replacement: String) {
        let json = """
            {"type":"user_joined","username":"alice","room":"dev","id":"n1","session":"s1","members":3,\
            "at":"1970-01-01T00:00:01.000Z"}
            """
        #expect(decode(json) != nil)
        #expect(json.contains(part) && decode(json.replacing(part, with: replacement)) == nil)
        #expect(decode(" " + json) != nil)
        #expect(decode(" " + json.replacing(part, with: replacement)) == nil, "as the decoder sees it")
    }

    @Test(
        arguments: [
            "", "null", "[]", "7", "{", "{}", #"{"type":null}"#, #"{"type":"session_succeeded"}"#,
            #"{"type":"session_succeeded","session":7}"#, #"{"type":"typing"}"#,
            #"{"type":"typing","username":"alice","room":"dev","session":"s1"}"#,
            #"{"type":"typing","username":"alice","room":"dev","is_typing":true}"#,
            #"{"type":"typing","username":"alice","room":"a b","session":"s1","is_typing":true}"#,
            #"{"type":"chat_message","sender":"bob","content":"hi","room":"dev"}"#,
        ])
    func `what is no announcement is passed over`(json: String) {
        #expect(decode(json) == nil)
    }
}
