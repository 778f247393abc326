import Domain
import HTTPTypes
import Testing

@testable import ChatServer

struct AdminBodyTests {
    private static let now = Timestamp(millisecondsSince1970: 1_000_000)

    private func revoking(_ body: String) throws(APIError) -> AdminBody.Revoking {
        try AdminBody.Revoking(Array(body.utf8), now: Self.now)
    }

    @Test func `a token is named by its id, or tokens by their user and a moment`() throws {
        let byID = try revoking(#"{"jti":"t1"}"#)
        #expect(byID.revocation == .token(id: ExactText("t1")))
        #expect(byID.expiry == nil)
        let byUser = try revoking(#"{"user":"alice","issued_before":1700000000.9,"expires_at":1001}"#)
        #expect(byUser.revocation == .tokens(of: try Username("alice"), issuedBefore: 1_700_000_000))
        #expect(byUser.expiry == Timestamp(millisecondsSince1970: 1_001_000))
    }

    @Test(
        arguments: [
            "", "x", "[]", "{}", #"{"jti":""}"#, #"{"jti":5}"#, #"{"user":"alice"}"#, #"{"issued_before":5}"#,
            #"{"jti":"t1","user":"alice","issued_before":5}"#, #"{"jti":"t1","issued_before":5}"#,
            #"{"user":"two words","issued_before":5}"#, #"{"user":"alice","issued_before":"5"}"#,
            #"{"user":"alice","issued_before":-1}"#, #"{"user":"alice","issued_before":1e400}"#,
            #"{"jti":"t1","expires_at":1000}"#, #"{"jti":"t1","expires_at":true}"#, #"{"jti":"t1","reason":"x"}"#,
        ])
    func `anything else is refused in words`(body: String) {
        let error = #expect(throws: APIError.self) { try revoking(body) }
        #expect(error?.status == .badRequest && error?.message.isEmpty == false)
    }

    @Test func `an id is bounded`() throws {
        let id = String(repeating: "x", count: 1024)
        #expect(try revoking(#"{"jti":"\#(id)"}"#).revocation == .token(id: ExactText(id)))
        #expect(throws: APIError.self) { try revoking(#"{"jti":"\#(id)x"}"#) }
    }

    @Test func `a far expiry is cut to what a time can be`() throws {
        #expect(try revoking(#"{"jti":"t1","expires_at":99999999999999999}"#).expiry != nil)
    }

    @Test func `a reason may be given, and fits into a close frame`() throws {
        func reason(_ body: String) throws(APIError) -> String { try AdminBody.Disconnection(Array(body.utf8)).reason }
        #expect(try reason("") == "disconnected by an administrator")
        #expect(try reason("{}") == "disconnected by an administrator")
        #expect(try reason(#"{"reason":"enough"}"#) == "enough")
        #expect(try reason(#"{"reason":"\#(String(repeating: "x", count: 123))"}"#).count == 123)
        for body in [
            #"{"reason":""}"#, #"{"reason":"\#(String(repeating: "x", count: 124))"}"#, #"{"reason":1}"#,
            #"{"because":"x"}"#, "[",
        ] {
            #expect(throws: APIError.self, "\(body)") { try reason(body) }
        }
    }
}
