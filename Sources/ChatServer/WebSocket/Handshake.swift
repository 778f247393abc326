import NIOHTTP1

/// The opening handshake of a WebSocket (RFC 6455 §4.2.1), as far as it is not the rules of HTTP itself.
struct Handshake: Equatable, Sendable {
    /// The dialect that the client wants: the classic one unless it offers the other.
    let dialect: Dialect

    /// The name of `chat.v2` among WebSocket subprotocols.
    static let v2Protocol = "chat.v2"

    private static let version = "13"

    /// - Throws: ``Refusal``: 426 where the request asks for no WebSocket, or for another version; 400 where its key is none.
    init(_ request: IncomingRequest) throws(Refusal) {
        guard request.method == .GET, request.asksForUpgrade, request.lists("upgrade", "websocket") else {
            throw .upgradeRequired
        }
        let headers = request.head.headers
        guard headers[canonicalForm: "sec-websocket-version"].elementsEqual([Self.version[...]]) else {
            throw .versionRequired
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, keys.allSatisfy(Self.isKey) else {
            throw .badRequest("Sec-WebSocket-Key must be 16 bytes in base64")
        }
        dialect = headers[canonicalForm: "sec-websocket-protocol"].contains { $0 == Self.v2Protocol } ? .v2 : .classic
    }

    /// Whether these are 16 bytes in base64: 22 digits, and two signs for what is missing from a third group.
    private static func isKey(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count == 24 && bytes.suffix(2).elementsEqual("==".utf8)
            && bytes.dropLast(2).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }
}
