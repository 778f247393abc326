import NIOHTTP1

/// Where a request goes (RFC 9112 §3.2): its path and query, in whichever form they came.
struct RequestTarget {
    /// The host of the absolute form, with a port or without; nil in the other forms.
    let authority: String?
    /// What stands before the `?`, beginning with `/`; or `*`, the server as a whole.
    let path: String
    /// What stands behind the `?`.
    let query: Substring

    /// Takes the origin form `/rooms?limit=1`, the absolute form `http://host/rooms?limit=1`, and for `OPTIONS` the `*`.
    init(_ text: String, for method: HTTPMethod) throws(Refusal) {
        if text.utf8.first == UInt8(ascii: "/") || (text == "*" && method == .OPTIONS) {
            self.init(authority: nil, parts: text[...])
            return
        }
        guard let rest = Self.withoutScheme(text.utf8) else { throw Self.invalid }
        let authority = rest.prefix { !Self.endOfAuthority.contains($0) }
        guard !authority.isEmpty, HostHeader.isValid(authority) else { throw Self.invalid }
        let target = Substring(rest[authority.endIndex...])
        self.init(
            authority: String(Substring(authority)),
            parts: target.utf8.first == UInt8(ascii: "/") ? target : "/" + target)
    }

    private init(authority: String?, parts text: Substring) {
        self.authority = authority
        let bytes = text.utf8  // not characters: what follows may combine with a `?`
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        path = String(Substring(bytes[..<end]))
        query = Substring(bytes[end...].dropFirst())
    }

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
