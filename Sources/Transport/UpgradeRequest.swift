import Wire

/// What a client asks for when it connects.
public struct UpgradeRequest: Equatable, Sendable {
    /// Empty where the server is to take it from the token.
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

    /// The request target at an endpoint, as in `/ws?username=…&room=…&session=…`.
    public func target(at path: String = ServerAddress.defaultPath) -> String {
        let fields = [("username", username.isEmpty ? nil : username), ("room", room), ("session", session)]
        let query = fields.compactMap { name, value in value.map { "\(name)=\(Self.encoded($0))" } }
        return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters, so that no server can read a value another way.
    static func encoded(_ value: String) -> String {
        PercentCoding.encoded(value) { !PercentCoding.isUnreserved($0) }
    }
}
