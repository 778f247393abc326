/// What a client asks for when it connects.
public struct UpgradeRequest: Equatable, Sendable {
    public var username: String
    /// The room to start in; the server's default where absent.
    public var room: String?
    /// The secret of an earlier connection's `welcome`, to take its session over. Not to be logged.
    public var session: String?
    /// The dialects offered, the preferred one first. Tokens of RFC 9110 §5.6.2.
    public var subprotocols: [String]

    public init(username: String, room: String? = nil, session: String? = nil, subprotocols: [String] = []) {
        self.username = username
        self.room = room
        self.session = session
        self.subprotocols = subprotocols
    }

    /// The request target, `/ws?username=…&room=…&session=…`.
    public var target: String {
        var target = "/ws?username=\(Self.encoded(username))"
        if let room { target += "&room=\(Self.encoded(room))" }
        if let session { target += "&session=\(Self.encoded(session))" }
        return target
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters, so that no server can read a value another way.
    static func encoded(_ value: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
