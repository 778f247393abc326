import Transport

/// Renews the token of an open connection: when the server says that the token has expired, the client presents the one
/// that is in the token file then, or waits until the file changes. The server closes the connection after a while; what
/// follows then is decided by ``Reconnecting``.
///
/// A pure value; effects that read the token are answered by ``looked(_:_:at:)``.
struct TokenRenewal: Equatable, Sendable {
    private enum Phase: Equatable, Sendable {
        case unneeded
        /// The shell reads the file.
        case reading(Attempt)
        /// The file has no other token than the refused one; it is read again at `until`.
        case waiting(Attempt, until: Duration)
        /// The server could not check the token now; the same one is presented again at `until`.
        case retrying(Attempt, until: Duration)
        /// A token was presented, and its answer is awaited.
        case presented(Attempt, at: Duration)
    }

    /// The `ref` of the request `authenticate`.
    static let reference = "authenticate"

    private var phase = Phase.unneeded
    /// The last words about the file, so that each problem is told once.
    private var told: String?

    /// When ``tick(at:)`` is next needed; `nil`: never.
    var deadline: Duration? {
        switch phase {
        case .waiting(_, let until), .retrying(_, let until): until
        case .unneeded, .reading, .presented: nil
        }
    }

    /// When the token was presented whose answer is awaited.
    var sentAt: Duration? { if case .presented(_, let moment) = phase { moment } else { nil } }

    /// The server says that the token has expired.
    mutating func tokenExpired(_ credential: Credential, on attempt: Attempt) -> [ClientEffect] {
        guard phase == .unneeded else { return [] }
        guard case .file = credential else {
            let words =
                "the token has expired, and cannot be renewed because it is not from a file; the server will soon "
                + "close the connection"
            return [.show(.status(words))]
        }
        told = nil
        phase = .reading(attempt)
        return [.readToken(.present(attempt, evenIfSame: false))]
    }

    /// The shell has read the file, and presented the token if it is a new one.
    mutating func looked(_ news: TokenNews, _ credential: Credential, at now: Duration) -> [ClientEffect] {
        guard case .reading(let attempt) = phase, case .file(let path) = credential else { return [] }
        let words: String
        switch news {
        case .new:
            phase = .presented(attempt, at: now)
            return []
        case .same: words = "the token has expired, and \(path) has no other one yet; waiting for it"
        case .unreadable(let problem): words = "the token has expired, and there is no new one: \(problem)"
        }
        phase = .waiting(attempt, until: now + Timing.tokenFile)
        return tell(words)
    }

    private mutating func tell(_ words: String) -> [ClientEffect] {
        if told == words { return [] }
        told = words
        return [.show(.status(words))]
    }

    /// The server has accepted the token.
    /// - Returns: how long the answer took.
    mutating func accepted(at now: Duration) -> Duration? {
        defer { phase = .unneeded }
        return sentAt.map { now - $0 }
    }

    /// The server has not accepted the token, or could not check it.
    mutating func refused(_ failure: Failure, at now: Duration) -> [ClientEffect] {
        guard case .presented(let attempt, at: _) = phase else { return [] }
        if failure.code == "unavailable" || failure.code == "rate_limited" {
            phase = .retrying(attempt, until: now + failure.delay(default: Timing.tokenFile))
            return []
        }
        phase = .waiting(attempt, until: now + Timing.tokenFile)
        told = nil
        let words = failure.words.isEmpty ? failure.code : failure.words
        return tell("the server refused the new token: \(words)")
    }

    /// Time has passed.
    mutating func tick(at now: Duration) -> [ClientEffect] {
        guard let deadline, deadline <= now else { return [] }
        switch phase {
        case .waiting(let attempt, _):
            phase = .reading(attempt)
            return [.readToken(.present(attempt, evenIfSame: false))]
        case .retrying(let attempt, _):
            phase = .reading(attempt)
            return [.readToken(.present(attempt, evenIfSame: true))]
        case .unneeded, .reading, .presented: return []
        }
    }
}
