import NIOHTTP1

/// Where a request goes (RFC 9112 §3.2): its path and query, in whichever form they came.
struct RequestTarget: Equatable, Sendable {
    /// Path and query, beginning with `/`; or `*`, the server as a whole.
    let text: String

    /// What stands before the `?`.
    var path: String { String(decoding: text.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self) }

    /// Takes the origin form `/rooms?limit=1`, the absolute form `http://host/rooms?limit=1`, and for `OPTIONS` the `*`.
    init(_ text: String, for method: HTTPMethod) throws(Refusal) {
        if text.utf8.first == UInt8(ascii: "/") || (text == "*" && method == .OPTIONS) {
            self.text = text
            return
        }
        guard let rest = Self.withoutScheme(text.utf8) else { throw Self.invalid }
        let authority = rest.prefix { !Self.endOfAuthority.contains($0) }
        guard !authority.isEmpty, Self.isHost(authority) else { throw Self.invalid }
        let target = String(decoding: rest[authority.endIndex...], as: UTF8.self)
        self.text = target.utf8.first == UInt8(ascii: "/") ? target : "/" + target
    }

    /// Whether `text` can be a `Host`, with a port or without: the bytes of RFC 3986 §3.2.2. An empty one can (RFC 9110
    /// §7.2).
    static func isHost(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: hostPunctuation.contains(byte)
            }
        }
    }

    private static let hostPunctuation = Array("-._~%!$&'()*+,;=:[]".utf8)
    private static let endOfAuthority = Array("/?#".utf8)
    private static let invalid = Refusal.badRequest("the target of the request is not valid")

    private static func withoutScheme(_ text: String.UTF8View) -> Substring.UTF8View? {
        for scheme in ["http://", "https://"] {
            let start = text.prefix(scheme.utf8.count)
            if start.elementsEqual(scheme.utf8, by: { $0 == $1 || $0 | 0x20 == $1 }) { return text[start.endIndex...] }
        }
        return nil
    }
}
