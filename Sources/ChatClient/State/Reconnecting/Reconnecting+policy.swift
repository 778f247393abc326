import Transport
import Wire

/// Decides what follows the end of a connection, by the way it ended.
extension Reconnecting {
    /// Facts outside of this value that matter when a connection ends.
    struct Circumstances: Equatable, Sendable {
        /// Whether the client has the session's secret. With it a client takes over its own name, so a name that is
        /// taken belongs to somebody else.
        var hasSecret = false
        /// When the server asked the client to come back.
        var comeBackAt: Duration?
        /// Whether the client is ending and nothing is left that needs a connection.
        var isDone = false
        var credential = Credential.none
    }

    /// What to do next. The phase is already that of the step, except for ``stop(_:saying:)``.
    enum Step: Equatable, Sendable {
        case none
        /// Connect at once, to ``route``'s address, as ``attempt``.
        case connect(saying: String)
        /// Wait for ``deadline``.
        case wait(saying: String)
        /// Read the token again, and report the result with ``tokenWasRead(_:at:)``.
        case readToken
        /// End.
        case stop(ExitCode, saying: String?)
    }

    /// An established connection was lost.
    mutating func lost(
        _ end: ConnectionEnd, _ circumstances: Circumstances, at now: Duration
    ) -> Step {
        if let moment = circumstances.comeBackAt, !end.isRefusal {
            return comeBack(at: moment, circumstances, now: now)
        }
        let outage = Outage(began: now)
        switch end {
        case .closed(.usernameTaken, let reason):
            return refusal(reason.isEmpty ? "the name was taken over by another connection" : reason, afterwards: true)
        default: return other(end, outage, "connection lost", circumstances, at: now)
        }
    }

    /// An attempt did not lead to an established connection.
    mutating func failed(
        _ end: ConnectionEnd, _ outage: Outage, _ circumstances: Circumstances, at now: Duration
    ) -> Step {
        if let reason = reasonToTryElsewhere(end), let step = tryNextAddress(outage, because: reason, at: now) {
            return step
        }
        guard case .closed(.usernameTaken, let reason) = end else {
            return other(end, outage, "cannot connect to \(route.address)", circumstances, at: now)
        }
        return nameTaken(outage, reason.isEmpty ? "username already exists" : reason, circumstances, at: now)
    }

    /// Why to try another address: this one cannot be reached, or accepts nobody now.
    private func reasonToTryElsewhere(_ end: ConnectionEnd) -> String? {
        switch end {
        case .unreachable(let words): words
        case .lost(let words): words.isEmpty ? "the connection broke" : words
        case .refused(let status, let words, retryAfter: _) where isPassing(status):
            words.isEmpty ? "HTTP \(status)" : "HTTP \(status), \(words)"
        case .closed(let code, reason: _) where [.goingAway, .serviceRestart, .tryAgainLater].contains(code):
            "closed with \(code.rawValue)"
        case .refused, .closed: nil
        }
    }

    /// If the name is taken at the first connection, it belongs to somebody else. At a reconnect it is most likely the
    /// client's own, still held by the lease of an instance that died. Waiting is safe, because a living owner is never
    /// displaced.
    private mutating func nameTaken(
        _ outage: Outage, _ words: String, _ circumstances: Circumstances, at now: Duration
    ) -> Step {
        guard wasEverOpen, !circumstances.hasSecret else { return refusal(words) }
        var outage = outage
        let since = outage.nameTakenSince ?? now
        outage.nameTakenSince = since
        guard now - since < Timing.nameTaken else { return refusal(words) }
        return retry(
            outage, because: "the name is still held by the old connection", most: Timing.nameTakenDelay,
            circumstances, at: now)
    }

    /// Handles the ends that mean the same in every phase.
    private mutating func other(
        _ end: ConnectionEnd, _ outage: Outage, _ what: String, _ circumstances: Circumstances, at now: Duration
    ) -> Step {
        switch end {
        case .closed(.tokenExpired, let reason):
            let words = reason.isEmpty ? Self.meaning(of: .tokenExpired) : reason
            return tokenRefused("the server closed the connection: \(words)", outage, circumstances, at: now)
        case .closed(let code, let reason) where end.isRefusal:
            return refusal(reason.isEmpty ? Self.meaning(of: code) : reason, afterwards: true)
        case .closed(let code, let reason):
            let words = reason.isEmpty ? "" : ": \(reason)"
            let because = "\(what) (closed with \(code.rawValue)\(words))"
            return retry(outage, because: because, circumstances, at: now)
        case .lost(let reason):
            let because = reason.isEmpty ? "connection lost" : "connection lost (\(reason))"
            return retry(outage, because: because, circumstances, at: now)
        case .unreachable(let reason):
            let because = "cannot connect to \(route.address): \(reason)"
            return retry(outage, because: because, circumstances, at: now)
        case .refused(let status, let words, let retryAfter):
            if status == 401 || status == 403 {
                let words = words.isEmpty ? "HTTP \(status)" : words
                return tokenRefused("the server refused: \(words)", outage, circumstances, at: now)
            }
            guard isPassing(status) else { return refusal(words.isEmpty ? "HTTP \(status)" : words) }
            let why = words.isEmpty ? "HTTP \(status)" : "HTTP \(status), \(words)"
            let because = "the server does not take us now (\(why))"
            return retry(outage, because: because, atLeast: retryAfter ?? .zero, circumstances, at: now)
        }
    }

    /// - Parameter afterwards: whether there was a connection before.
    private func refusal(_ words: String, afterwards: Bool = false) -> Step {
        let what = afterwards ? "the server closed the connection" : "the server refused"
        return .stop(.refused, saying: "\(what): \(words)")
    }

    /// Whether the status may change soon. If there was a chat server a moment ago, a 404 comes from a proxy that has
    /// lost it.
    private func isPassing(_ status: Int) -> Bool {
        status == 429 || status == 408 || status >= 500 || (status == 404 && wasEverOpen)
    }

    private static func meaning(of code: CloseCode) -> String {
        switch code {
        case .kicked: "kicked"
        case .rateLimited: "too many messages for too long"
        case .tokenExpired: "the token has expired"
        default: "closed with \(code.rawValue)"
        }
    }
}

extension ConnectionEnd {
    /// Whether the server does not want this client back.
    fileprivate var isRefusal: Bool {
        switch self {
        case .closed(let code, reason: _):
            code == .usernameTaken || code == .tokenExpired || code == .kicked || code == .rateLimited
        case .unreachable, .refused, .lost: false
        }
    }
}

extension Duration {
    /// In words, with one decimal.
    var inSeconds: String {
        let tenths = (Int(self / .milliseconds(1)) + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
