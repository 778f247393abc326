import Domain
import Service

extension Principal {
    /// Finds out who has come.
    ///
    /// - Parameter identification: nil: authentication is off, and everybody is whoever they say.
    /// - Throws: ``Refusal`` with 401 where a token is missing or refused; see ``Finding`` for one that is not known yet.
    static func presented(
        by request: Request, to identification: Identification?
    ) throws(Refusal) -> Finding<Principal> {
        guard let identification else { return .known(.open) }
        guard let token = try PresentedToken.of(request) else {
            return .known(try guest(request, identification))
        }
        do throws(AuthenticationError) {
            if let principal = try identification.remembered(token) { return .known(principal) }
        } catch {
            throw .invalidToken("\(error)")
        }
        return .asks { () async throws(Refusal) in
            do throws(AuthenticationError) {
                return try await identification.authenticate(token)
            } catch {
                throw .invalidToken("\(error)")
            }
        }
    }

    private static func guest(_ request: Request, _ identification: Identification) throws(Refusal) -> Principal {
        guard !identification.guestPrefix.isEmpty, try Username.isAskedFor(by: request) else { throw .tokenRequired }
        let username = try Username(askedForBy: request)
        guard identification.isForGuests(username) else { throw .tokenRequired }
        return .guest(username)
    }
}
