/// Takes back one token, or all tokens that a user was given before a moment. A pure value.
public enum Revocation: Hashable, Sendable {
    /// The token with this `jti`, compared byte by byte.
    case token(id: ExactText)
    /// Every token of the user that was issued before a second since 1970. A token without `iat` counts as older; one that
    /// was issued in that very second is not revoked, so that whoever signs in again at once gets in.
    case tokens(of: Username, issuedBefore: Int64)

    /// Whether it takes back the token with which somebody has come. Nobody without a token is concerned.
    public func revokes(_ principal: Principal) -> Bool {
        guard principal.kind == .token else { return false }
        switch self {
        case .token(let id):
            return principal.tokenID.map { ExactText($0) == id } ?? false
        case .tokens(let username, let issuedBefore):
            guard principal.username == username else { return false }
            return principal.issuedAt.map { $0 < issuedBefore } ?? true
        }
    }
}
