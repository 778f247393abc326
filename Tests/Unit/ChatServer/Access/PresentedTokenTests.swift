import HTTPTypes
import Testing

@testable import ChatServer

struct PresentedTokenTests {
    private func token(_ uri: String, _ headers: [(String, String?)]) throws(Refusal) -> String? {
        let request = try Request.handshake(uri, replacing: headers)
        return try PresentedToken.of(request)
    }

    @Test(
        arguments: [
            ("/ws", [], nil),
            ("/ws", [("Authorization", "Bearer a.b-c_d")], "a.b-c_d"),
            ("/ws", [("authorization", "bEARER   a.b.c")], "a.b.c"),
            ("/ws", [("Authorization", "Bearer a.b.c \t")], "a.b.c"),
            ("/ws", [("Authorization", "Bearer")], nil), ("/ws", [("Authorization", "Bearer ")], nil),
            ("/ws", [("Authorization", "Basic YTpi")], nil), ("/ws", [("Authorization", "Bearera.b.c")], nil),
            ("/ws", [("Authorization", "")], nil),
            ("/ws", [("Sec-WebSocket-Protocol", "chat.v2, bearer.a.b.c")], "a.b.c"),
            ("/ws", [("Sec-WebSocket-Protocol", "bearer.a.b.c")], "a.b.c"),
            ("/ws", [("Sec-WebSocket-Protocol", "Bearer.a.b.c, bearer")], nil),
            ("/ws", [("Sec-WebSocket-Protocol", "bearer.")], nil),
            ("/ws?token=a.b.c", [], "a.b.c"), ("/ws?username=x&token=a%2Eb.c", [], "a.b.c"),
            ("/ws?token=", [], nil), ("/ws?token", [], nil), ("/ws?Token=a", [], nil),
            ("/ws?token=t", [("Authorization", "Bearer t"), ("Sec-WebSocket-Protocol", "bearer.t")], "t"),
        ] as [(String, [(String, String?)], String?)])
    func `a token comes in one of three ways, or in several`(
        uri: String, headers: [(String, String?)], expected: String?
    ) throws {
        #expect(try token(uri, headers) == expected)
    }

    @Test(
        arguments: [
            ("/ws?token=a", [("Authorization", "Bearer b")]),
            ("/ws?token=a", [("Sec-WebSocket-Protocol", "bearer.b")]),
            ("/ws", [("Sec-WebSocket-Protocol", "bearer.a, bearer.b")]),
            ("/ws", [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]),
            ("/ws?token=caf%C3%A9", [("Authorization", "Bearer cafe\u{301}")]),
        ] as [(String, [(String, String?)])])
    func `who brings two different tokens is not asked which one is meant`(uri: String, headers: [(String, String?)]) {
        #expect(throws: Refusal.invalidToken("the request has several tokens that differ")) {
            try token(uri, headers)
        }
    }

    @Test func `a query that cannot be read may hide a token`() {
        #expect(throws: Refusal.badRequest("the query is not valid UTF-8")) { try token("/ws?token=%FF", []) }
    }

    @Test func `tokens are not among the subprotocols that are chosen from`() throws {
        let request = try Request.handshake(replacing: [("Sec-WebSocket-Protocol", "bearer.x, chat.v2,bearer.x, mqtt")])
        #expect(Handshake.subprotocols(offeredBy: request) == ["chat.v2", "mqtt"])
    }
}
