import Domain
import HTTPTypes
import Testing

@testable import ChatServer

struct AdminBodyTellingTests {
    private func publication(_ body: String) throws(APIError) -> AdminBody.Publication {
        try AdminBody.Publication(Array(body.utf8))
    }

    @Test func `the sender is the system unless somebody is named`() throws {
        let dev = try RoomName("dev")
        let short = try publication(#"{"room":"dev","content":"hi"}"#)
        #expect(short.room == dev && short.content == "hi")
        #expect(short.id == nil && short.sender.text == "system")
        let full = try publication(#"{"room":"dev","content":"hi","id":"x1","sender":"bot","extra":null}"#)
        #expect(full.id == MessageID("x1") && full.sender.text == "bot")
    }

    @Test(arguments: [
        ("", "bad_request"), ("[]", "bad_request"), (#"{"content":"hi"}"#, "bad_request"),
        (#"{"room":"dev"}"#, "bad_request"), (#"{"room":"dev","content":5}"#, "bad_request"),
        (#"{"room":"two words","content":"hi"}"#, "invalid_room"), (#"{"room":"","content":"hi"}"#, "invalid_room"),
        (#"{"room":"dev","content":"hi","id":""}"#, "bad_request"),
        (#"{"room":"dev","content":"hi","sender":"two words"}"#, "invalid_username"),
        (#"{"room":"dev","content":"hi","extra":{"a":1}}"#, "bad_request"),
        (#"{"room":"dev","content":"hi","to":"bob"}"#, "bad_request"),
    ])
    func `anything else is refused in words`(body: String, code: String) {
        let error = #expect(throws: APIError.self) { try publication(body) }
        #expect(error?.status == .badRequest && error?.code == code && error?.message.isEmpty == false)
    }

    @Test func `an announcement is a text`() throws {
        #expect(try AdminBody.Announcing(Array(#"{"content":"soon"}"#.utf8)).content == "soon")
        for body in ["", "{}", #"{"content":1}"#, #"{"content":"x","room":"dev"}"#] {
            #expect(throws: APIError.self, "\(body)") { try AdminBody.Announcing(Array(body.utf8)) }
        }
    }
}
