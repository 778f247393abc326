public import Domain
import Service
import Wire

/// What the claims of a token must say, and what follows from them. A pure value.
public struct TokenRules: Equatable, Sendable {
    /// What `iss` must be; empty: anything.
    public var issuer = ""
    /// What `aud` must contain; empty: anything.
    public var audience = ""
    /// The claim with the name of the user.
    public var usernameClaim = "sub"
    /// How far the clocks of the issuer and the server may differ, in seconds.
    public var leewaySeconds = 5
    /// Whether a token without `exp` is refused.
    public var requiresExpiry = true
    /// Names that begin with it belong to guests, and no token gives one; empty: there are no guests.
    public var guestPrefix = ""

    public init() {}

    private var leewayMilliseconds: Int64 { Int64(leewaySeconds) * 1000 }

    /// Whether a principal's token is over, the leeway included.
    public func hasExpired(_ principal: Principal, at now: Timestamp) -> Bool {
        guard let expiresAt = principal.expiresAt else { return false }
        return now.millisecondsSince1970 >= expiresAt.millisecondsSince1970 + leewayMilliseconds
    }
}

extension TokenRules {
    /// The most patterns of rooms in a token: each message is held against them.
    static let maximumPatterns = 256
    /// The greatest length of a `jti` in bytes: revocations are kept by it.
    static let maximumTokenIDBytes = 256

    /// Whose token it is, after its signature was verified.
    func principal(of claims: JSONObject, at now: Timestamp) throws(AuthenticationError) -> Principal {
        try checkIssuer(claims)
        try checkAudience(claims)
        let expiresAt = try claims.date("exp").map(\.timestamp)
        if expiresAt == nil, requiresExpiry { throw AuthenticationError("the token has no exp claim") }
        if let start = try claims.date("nbf")?.timestamp,
            now.millisecondsSince1970 + leewayMilliseconds < start.millisecondsSince1970
        {
            throw AuthenticationError("the token is not valid yet")
        }
        let principal = Principal(
            username: try username(claims), kind: .token, role: try Self.role(claims),
            permissions: try Self.permissions(claims), tokenID: try Self.tokenID(claims),
            issuedAt: try claims.date("iat")?.wholeSeconds, expiresAt: expiresAt)
        guard !hasExpired(principal, at: now) else { throw AuthenticationError("the token has expired") }
        return principal
    }

    private func checkIssuer(_ claims: JSONObject) throws(AuthenticationError) {
        guard !issuer.isEmpty else { return }
        guard case .text(let text) = claims["iss"], ExactText(text) == ExactText(issuer) else {
            throw AuthenticationError("the token is not from the issuer that is trusted here (iss)")
        }
    }

    /// RFC 7519 §4.1.3: a text, or a list of texts.
    private func checkAudience(_ claims: JSONObject) throws(AuthenticationError) {
        guard !audience.isEmpty else { return }
        let named: [JSONObject.Value] =
            switch claims["aud"] {
            case .array(let values): values
            case let value?: [value]
            case nil: []
            }
        let isMeant = named.contains { value in
            if case .text(let text) = value { ExactText(text) == ExactText(audience) } else { false }
        }
        guard isMeant else { throw AuthenticationError("the token is not meant for this server (aud)") }
    }

    private func username(_ claims: JSONObject) throws(AuthenticationError) -> Username {
        guard case .text(let text) = claims[usernameClaim] else {
            throw AuthenticationError("the token has no username")
        }
        let username: Username
        do throws(NameError) {
            username = try Username(text)
        } catch {
            throw AuthenticationError("the token's username \(error)")
        }
        guard guestPrefix.isEmpty || !username.text.utf8.starts(with: guestPrefix.utf8) else {
            throw AuthenticationError("the token's username is one of those for guests")
        }
        return username
    }

    private static func role(_ claims: JSONObject) throws(AuthenticationError) -> Role {
        switch claims["role"] {
        case nil: return .user
        case .text(let text):
            if let role = Role(text) { return role }
            fallthrough
        default: throw AuthenticationError("the token's role must be one of user, moderator, admin")
        }
    }

    private static func tokenID(_ claims: JSONObject) throws(AuthenticationError) -> String? {
        switch claims["jti"] {
        case nil: return nil
        case .text(let id) where id.utf8.count <= maximumTokenIDBytes: return id
        default: throw AuthenticationError("the token's jti must be a text of at most \(maximumTokenIDBytes) bytes")
        }
    }

    private static func permissions(_ claims: JSONObject) throws(AuthenticationError) -> Permissions {
        let rooms = try patterns(claims, "rooms")
        let readRooms = try patterns(claims, "read_rooms") ?? []
        guard (rooms?.count ?? 0) + readRooms.count <= maximumPatterns else {
            throw AuthenticationError("the token has too many patterns of rooms: at most \(maximumPatterns)")
        }
        return Permissions(rooms: rooms, readRooms: readRooms)
    }

    /// A `null` is refused, too: for a missing claim it would mean every room.
    private static func patterns(
        _ claims: JSONObject, _ key: String
    ) throws(AuthenticationError) -> [RoomPattern]? {
        guard let value = claims[key] else { return nil }
        guard case .array(let values) = value else {
            throw AuthenticationError("the token's \(key) must be a list of texts")
        }
        var patterns: [RoomPattern] = []
        for value in values {
            guard case .text(let text) = value else {
                throw AuthenticationError("the token's \(key) must be a list of texts")
            }
            do throws(RoomPatternError) {
                patterns.append(try RoomPattern(text))
            } catch {
                throw AuthenticationError("the token's \(key) has a pattern that is not allowed: it \(error)")
            }
        }
        return patterns
    }
}

/// A date of RFC 7519 §2: seconds since 1970, which may have a fraction.
private struct NumericDate {
    let seconds: Double

    /// What is too far away for a number of milliseconds becomes the nearest that ``Timestamp`` can say.
    var timestamp: Timestamp {
        Timestamp(millisecondsSince1970: Int64(min(max(seconds * 1000, -1e17), 1e17).rounded(.down)))
    }

    var wholeSeconds: Int64 { Int64(min(max(seconds, -1e15), 1e15).rounded(.down)) }
}

extension JSONObject {
    /// Nil where the claim is missing.
    fileprivate func date(_ key: String) throws(AuthenticationError) -> NumericDate? {
        switch self[key] {
        case nil: return nil
        case .number(let number):
            if let seconds = Double(number.description), seconds.isFinite { return NumericDate(seconds: seconds) }
            fallthrough
        default: throw AuthenticationError("the token's \(key) must be a number of seconds since 1970")
        }
    }
}
