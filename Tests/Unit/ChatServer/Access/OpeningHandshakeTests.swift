import HTTPTypes
import NIOHTTP1
import Testing

@testable import ChatServer

struct OpeningHandshakeTests {
    private func outcome(_ headers: [(String, String?)], version: HTTPVersion = .http1_1) -> String {
        do throws(Refusal) {
            try Handshake.check(try .handshake(replacing: headers, version: version))
            return "taken"
        } catch {
            return "\(error.status.code) \(error.headers[.secWebSocketVersion] ?? "-")"
        }
    }

    @Test(
        arguments: [
            [], [("Connection", "keep-alive, Upgrade")], [("Connection", "UPGRADE")], [("Upgrade", "WebSocket")],
            [("Upgrade", "h2c, websocket")], [("Sec-WebSocket-Protocol", "chat.v1, CHAT.V2")],
            [("Sec-WebSocket-Key", "++++////AAAAzzzz999900==")], [("Origin", "http://elsewhere")],
        ] as [[(String, String?)]])
    func `what RFC 6455 wants of a client is enough`(headers: [(String, String?)]) {
        #expect(outcome(headers) == "taken")
    }

    @Test(
        arguments: [
            ([], []), ([("Sec-WebSocket-Protocol", "chat.v2")], ["chat.v2"]),
            ([("Sec-WebSocket-Protocol", "x, chat.v2")], ["x", "chat.v2"]),
            ([("Sec-WebSocket-Protocol", "x"), ("Sec-WebSocket-Protocol", "chat.v2")], ["x", "chat.v2"]),
        ] as [([(String, String?)], [String])])
    func `the subprotocols that a client offers are read`(
        headers: [(String, String?)], offered: [String]
    ) throws {
        #expect(Handshake.subprotocols(offeredBy: try .handshake(replacing: headers)) == offered)
    }

    @Test(
        arguments: [
            ([("Connection", nil)], "426 13"), ([("Connection", "keep-alive")], "426 13"),
            ([("Upgrade", nil)], "426 13"), ([("Upgrade", "h2c")], "426 13"), ([("Upgrade", "websockets")], "426 13"),
            ([("Upgrade", "websoc\u{212A}et")], "426 13"),
            ([("Sec-WebSocket-Version", nil)], "426 13"), ([("Sec-WebSocket-Version", "8")], "426 13"),
            ([("Sec-WebSocket-Version", "13, 8")], "426 13"), ([("Sec-WebSocket-Version", "013")], "426 13"),
            ([("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Version", "13")], "426 13"),
            ([("Sec-WebSocket-Key", nil)], "400 -"), ([("Sec-WebSocket-Key", "short")], "400 -"),
            ([("Sec-WebSocket-Key", "")], "400 -"), ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ")], "400 -"),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE=")], "400 -"),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j*Q==")], "400 -"),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==")], "400 -"),
            (
                [
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ], "400 -"
            ),
        ] as [([(String, String?)], String)])
    func `what it forbids is refused, with the version where that is the reason`(
        headers: [(String, String?)], outcome: String
    ) {
        #expect(self.outcome(headers) == outcome)
    }

    @Test func `HTTP 1.0 cannot be upgraded`() {
        #expect(outcome([], version: .http1_0) == "426 13")
    }

    @Test func `only GET can be upgraded`() throws {
        let head = try Request.handshake().head
        let request = try Request.make(.POST, head.uri, head.headers)
        #expect(throws: Refusal.upgradeRequired) { try Handshake.check(request) }
    }
}
