public import Domain
import Wire

/// Makes tokens that are signed with the server's own secret (`server token`).
public struct TokenIssuer: Sendable {
    /// What a token says, beside what the configuration says of all of them.
    public struct Grant: Equatable, Sendable {
        public var username: Username
        public var role: Role
        public var permissions: Permissions
        /// How long the token is valid, in seconds.
        public var lifetimeSeconds: Int64

        public init(
            username: Username, role: Role = .user, permissions: Permissions = .all, lifetimeSeconds: Int64 = 3600
        ) {
            self.username = username
            self.role = role
            self.permissions = permissions
            self.lifetimeSeconds = lifetimeSeconds
        }
    }

    private let key: VerificationKey
    private let rules: TokenRules

    /// - Parameter secret: the value of `jwt_secret`.
    /// - Returns: nil where it is too short to sign with.
    public init?(secret: String, rules: TokenRules) {
        guard let key = VerificationKey(secret: secret.utf8) else { return nil }
        self.key = key
        self.rules = rules
    }

    /// A token that is valid from now on.
    ///
    /// - Parameter id: its `jti`.
    public func token(for grant: Grant, id: String = RandomToken.make(), at now: Timestamp) -> String {
        let header = #"{"alg":"HS256","typ":"JWT"}"#
        let signed = Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims(of: grant, id, now))
        return signed + "." + Base64URL.encode(key.mac(of: Array(signed.utf8)))
    }

    private func claims(of grant: Grant, _ id: String, _ now: Timestamp) -> [UInt8] {
        let seconds = now.millisecondsSince1970 / 1000
        var claims = JSONObjectWriter()
        claims.add(dynamicKey: rules.usernameClaim, grant.username.text)
        claims.add("iat", seconds)
        claims.add("exp", seconds.addingReportingOverflow(grant.lifetimeSeconds).partialValue)
        claims.add("jti", id)
        claims.addUnlessEmpty("iss", rules.issuer)
        claims.addUnlessEmpty("aud", rules.audience)
        if grant.role != .user { claims.add("role", grant.role.text) }
        if let rooms = grant.permissions.rooms { claims.add("rooms", rooms.map(\.description)) }
        if !grant.permissions.readRooms.isEmpty {
            claims.add("read_rooms", grant.permissions.readRooms.map(\.description))
        }
        return claims.finish()
    }
}
