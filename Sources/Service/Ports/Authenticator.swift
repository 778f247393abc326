public import Domain

/// Finds out who has come with a token. Two adapters: the one that verifies JSON Web Tokens, and the tests' own.
///
/// - Threads: safe to call from any.
/// - Failure: a token that cannot be verified now is refused like one that is wrong; the sentence says which it is.
/// - Secrecy: a token is a secret. No error, log line or metric of an implementation contains it or a part of it.
public protocol Authenticator: Sendable {
    /// Whose token it is, where that was found out before and still holds. Returns at once; may be called on an event loop.
    ///
    /// - Returns: nil where the token has to be verified. It may then be good or bad.
    func remembered(_ token: String) -> Principal?

    /// Whose token it is. May wait for keys; that wait is bounded.
    ///
    /// - Returns: a principal of the kind ``Domain/Principal/Kind-swift.enum/token``, with a username.
    /// - Throws: ``AuthenticationError`` where the token is refused.
    func authenticate(_ token: String) async throws(AuthenticationError) -> Principal
}

/// Why a token is refused: a sentence for whoever holds it. It goes to the client, so it contains neither the token nor
/// anything of its content.
public struct AuthenticationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Without a full stop, in printable ASCII without quotes and backslashes, as an HTTP header's quoted text wants it.
    public let description: String

    public init(_ description: String) { self.description = description }
}
