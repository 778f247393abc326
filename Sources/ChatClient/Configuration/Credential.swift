import Transport

/// With what the client identifies its user, as far as ``ClientState`` has to know it.
enum Credential: Equatable, Sendable {
    /// Only a name.
    case none
    /// A token that cannot change while the client runs: from `CHAT_TOKEN`, or from a pipe.
    case fixed
    /// A token in the file with this path, which can be renewed.
    case file(String)
}

/// For what a token is wanted.
enum TokenUse: Equatable, Sendable {
    /// To present it with `authenticate` on an open connection. Without `evenIfSame` only if it is another one than the
    /// last that was presented.
    case present(Attempt, evenIfSame: Bool)
    /// For another attempt. It is only compared with the last one that was presented; the transport reads it again.
    case nextConnection
}

/// What looking for a token led to.
enum TokenNews: Equatable, Sendable {
    /// There is another token. It was sent, if that was wanted.
    case new
    /// There is only the token that was presented last.
    case same
    /// The token could not be read; why, in words that do not contain it.
    case unreadable(String)
}
