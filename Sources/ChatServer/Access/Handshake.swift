import NIOHTTP1
import WebSocketRules
import Wire

/// The opening handshake of a WebSocket (RFC 6455 §4.2.1), as far as it is not the rules of HTTP itself.
enum Handshake {
    private static let version = "13"

    /// - Throws: ``Refusal``: 426 where the request asks for no WebSocket, or for another version; 400 where its key is none.
    static func check(_ request: Request) throws(Refusal) {
        guard request.method == .GET, request.asksForUpgrade, request.lists("upgrade", "websocket") else {
            throw .upgradeRequired
        }
        guard request.headers[canonicalForm: "sec-websocket-version"].elementsEqual([version[...]]) else {
            throw .versionRequired
        }
        let keys = request.headers["sec-websocket-key"]
        guard keys.count == 1, keys.allSatisfy(isKey) else {
            throw .badRequest("Sec-WebSocket-Key must be 16 bytes in base64")
        }
    }

    /// The subprotocols that the client offers, known or not. Tokens, which look like some, are left out.
    static func subprotocols(offeredBy request: Request) -> [String] {
        offered(by: request).filter { !PresentedToken.isToken($0) }
    }

    /// All that the client offers as subprotocols, tokens too.
    static func offered(by request: Request) -> [String] {
        request.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
    }

    /// The first of the client's offers of compression that the server can keep. One that it cannot keep, or that is not
    /// well-formed, refuses nobody: the connection is one without compression (RFC 7692 §5).
    static func compression(offeredBy request: Request) -> PerMessageDeflate? {
        PerMessageDeflate(offeredIn: request.headers["sec-websocket-extensions"])
    }

    /// Whether these are 16 bytes in base64: 22 digits, and two signs for what is missing from a third group.
    private static func isKey(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count == 24 && bytes.suffix(2).elementsEqual("==".utf8)
            && bytes.dropLast(2).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "+"), UInt8(ascii: "/"): true
                default: PercentCoding.isLetterOrDigit(byte)
                }
            }
    }
}
