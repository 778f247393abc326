import Synchronization

/// Reads the user's token whenever it has to be presented, and knows whether its file has another one than the last that
/// was presented.
///
/// The token goes from here to the server and nowhere else: no event, effect, error or description contains it.
///
/// Thread-safe: the transport asks on its event loop for each connection, the shell on its own thread.
final class TokenReader: Sendable {
    let credential: Credential
    private let read: @Sendable () throws(UsageProblem) -> String
    private let presented: Mutex<String?>

    /// Reads the token once, so that a problem is known before there is a connection.
    init(_ source: TokenSource) throws(UsageProblem) {
        let (credential, read) = try source.reader()
        self.credential = credential
        self.read = read
        presented = Mutex(nil)
    }

    /// The token for a new connection, which counts as presented from now on.
    func forConnection() throws(UsageProblem) -> String {
        let token = try read()
        presented.withLock { $0 = token }
        return token
    }

    /// Looks for a token to present on an open connection, or for another attempt.
    /// - Parameter use: what the state wants to know.
    /// - Returns: what to report to the state, and the token to present, if there is one.
    func look(_ use: TokenUse) -> (news: TokenNews, token: String?) {
        let token: String
        do throws(UsageProblem) {
            token = try read()
        } catch {
            return (.unreadable("\(error)"), nil)
        }
        let isNew = presented.withLock { $0 != token }
        switch use {
        case .nextConnection: return (isNew ? .new : .same, nil)
        case .present(_, let evenIfSame):
            guard isNew || evenIfSame else { return (.same, nil) }
            presented.withLock { $0 = token }
            return (.new, token)
        }
    }
}

extension TokenReader: CustomReflectable {
    /// Keeps the token out of `dump` and interpolated texts.
    var customMirror: Mirror { Mirror(self, children: ["credential": credential]) }
}
