import Transport

/// What follows when the server does not accept the token, or what the token allows: the same token is never presented
/// again, another one at once.
extension Reconnecting {
    /// Why the server refused, and where another token would come from.
    struct TokenRefusal: Equatable, Sendable {
        /// The server's words.
        let words: String
        let file: String
        /// Whether the client is ending, so that it does not wait for another token.
        let isDone: Bool
        /// Whether the user was told that the client waits.
        var isTold = false
    }

    /// The server refused the token, at the upgrade or later.
    mutating func tokenRefused(
        _ words: String, _ outage: Outage, _ circumstances: Circumstances, at now: Duration
    ) -> Step {
        guard case .file(let path) = circumstances.credential else { return .stop(.refused, saying: words) }
        let refusal = TokenRefusal(words: words, file: path, isDone: circumstances.isDone)
        phase = .awaitingToken(outage, refusal, until: now)
        return .readToken
    }

    /// The token file was read after a refusal, or once more while the client waits for it to change.
    ///
    /// A client that was never connected does not wait, because the token was probably wrong from the start. Otherwise it
    /// waits as long as it would wait for a server.
    mutating func tokenWasRead(_ news: TokenNews, at now: Duration) -> Step {
        guard case .awaitingToken(let outage, var refusal, until: _) = phase else { return .none }
        let next = now + Timing.tokenFile
        switch news {
        case .new:
            begin(outage, at: now)
            return .connect(saying: "\(refusal.words); trying the new token in \(refusal.file)")
        case .same, .unreadable:
            guard wasEverOpen, !refusal.isDone, !patience.isOver(with: outage, until: next) else {
                return .stop(.refused, saying: refusal.isTold ? "no new token came; giving up" : refusal.words)
            }
            let isTold = refusal.isTold
            refusal.isTold = true
            phase = .awaitingToken(outage, refusal, until: next)
            return isTold ? .none : .wait(saying: "\(refusal.words); waiting for another token in \(refusal.file)")
        }
    }
}
