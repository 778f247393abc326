import Wire

/// What a client asks for in its upgrade.
public struct UpgradeRequest: Equatable, Sendable {
    /// Empty if the server should take the name from the token.
    public var username: String
    /// The room in which to start; nil: the server's default.
    public var room: String?
    /// The secret from an earlier connection's `welcome`, to take its session over. It must not be logged.
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

    /// Percent-encodes everything except RFC 3986's unreserved characters, so that every server reads the value in the
    /// same way.
    static func encoded(_ value: String) -> String {
        PercentCoding.encoded(value) { !PercentCoding.isUnreserved($0) }
    }
}
