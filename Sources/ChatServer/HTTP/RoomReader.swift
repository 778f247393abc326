import Domain
import Service

/// Finds out which rooms the sender of a plain HTTP request may be shown.
struct RoomReader: Sendable {
    /// Nil where authentication is off: then everybody may read every room.
    let identification: Identification?
    /// The secret of administrators; nil: there is none.
    let adminToken: AdminToken?

    /// Reads the token of a request, which it may bring in the same ways as one for a WebSocket. Without a token no room is
    /// shown; an administrator is shown all.
    ///
    /// - Throws: ``Refusal`` with 401 where the token is refused.
    func permissions(of request: Request) async throws(Refusal) -> Permissions {
        guard let identification else { return .all }
        guard let token = try PresentedToken.of(request) else { return .none }
        if let adminToken, adminToken.equals(token) { return .all }
        do throws(AuthenticationError) {
            let principal = try await identification.authenticate(token)
            return principal.role == .admin ? .all : principal.permissions
        } catch {
            throw .invalidToken("\(error)")
        }
    }
}
