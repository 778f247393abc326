import Domain
import Service

/// How this server finds out who somebody is: by a token, or by a name that is for guests.
///
/// The door uses it, and so does a client that shows another token on its connection.
struct Identification: Sendable {
    let authenticator: any Authenticator
    /// Clients without a token come under names that begin with it, and nobody with a token does. Empty: nobody comes
    /// without a token.
    var guestPrefix = ""
    /// How long after its `exp` a token still counts.
    var leeway = Duration.seconds(5)
    /// Whether a token was taken back. Asked on event loops, so it must not wait for anything.
    var isRevoked: @Sendable (Principal) -> Bool = { _ in false }
    /// The time of day.
    let now: @Sendable () -> Timestamp

    /// Whose token it is, if that is known without waiting.
    ///
    /// - Throws: ``AuthenticationError`` if it is known, and its owner may not come with it.
    func remembered(_ token: String) throws(AuthenticationError) -> Principal? {
        guard let principal = authenticator.remembered(token) else { return nil }
        return try checked(principal)
    }

    /// Finds out whose token it is. Not on an event loop.
    ///
    /// - Throws: ``AuthenticationError`` if the token is refused.
    func authenticate(_ token: String) async throws(AuthenticationError) -> Principal {
        if let principal = try remembered(token) { return principal }
        return try checked(try await authenticator.authenticate(token))
    }

    private func checked(_ principal: Principal) throws(AuthenticationError) -> Principal {
        guard let username = principal.username else { throw AuthenticationError("the token names nobody") }
        guard !isForGuests(username) else { throw AuthenticationError("the name in the token is one for guests") }
        guard !isRevoked(principal) else { throw AuthenticationError("the token was revoked") }
        return principal
    }

    /// Whether somebody without a token may come under this name, and nobody with one.
    func isForGuests(_ username: Username) -> Bool {
        !guestPrefix.isEmpty && username.text.utf8.starts(with: guestPrefix.utf8)
    }
}
