/// Who somebody is and what they may do, as far as it is known when they come. A pure value.
public struct Principal: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Authentication is off: the name is whatever the client says.
        case open
        /// Without a token, under a name that begins with the prefix of guests.
        case guest
        /// With a token that was verified.
        case token
    }

    /// The name that the token gives; nil where it is not known from here, as with ``open``.
    public let username: Username?
    public let kind: Kind
    public let role: Role
    public let permissions: Permissions
    /// The token's `jti`, by which it can be revoked.
    public let tokenID: String?
    /// The token's `iat`, in whole seconds since 1970, rounded down.
    public let issuedAt: Int64?
    /// The token's `exp`, without any leeway; nil: it does not expire.
    public let expiresAt: Timestamp?

    public init(
        username: Username?, kind: Kind, role: Role = .user, permissions: Permissions = .all, tokenID: String? = nil,
        issuedAt: Int64? = nil, expiresAt: Timestamp? = nil
    ) {
        self.username = username
        self.kind = kind
        self.role = role
        self.permissions = permissions
        self.tokenID = tokenID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    /// Whether the name is a user's, who may have several sessions at once. Everybody else has their name alone.
    public var sharesName: Bool { kind == .token }

    /// Anybody, where authentication is off.
    public static let open = Principal(username: nil, kind: .open)

    /// Somebody without a token. They may do what a token without claims allows.
    public static func guest(_ username: Username) -> Principal { Principal(username: username, kind: .guest) }
}
