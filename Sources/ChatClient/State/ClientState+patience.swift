import Transport

/// How long the client tries, where, and with what exit code it stops trying.
extension ClientState {
    /// For one address, where another one is waiting to be tried. Only in the first round: where all seem to be dead, the
    /// network may be slow.
    static let oneOfSeveral = Duration.seconds(3)

    /// Until when the attempt that begins now has to have led to a connection.
    func connectDeadline(at now: Duration) -> Duration {
        let limit = now + (route.hasOthers && !route.allHaveFailed ? Self.oneOfSeveral : Timing.connect)
        guard !configuration.isInteractive, !configuration.isPersistent, let patience = configuration.patience else {
            return limit
        }
        return max(now, min(limit, (outageBegan ?? now) + patience))
    }

    /// Goes on with the next address at once, if this one cannot be reached or sends everybody away.
    mutating func tryNextAddress(after end: ConnectionEnd, at now: Duration) -> [ClientEffect]? {
        guard route.hasOthers else { return nil }
        let failed = route.address
        let reason: String
        switch end {
        case .unreachable(let words): reason = words
        case .lost(let words): reason = words.isEmpty ? "the connection broke" : words
        case .refused(let status, let words, retryAfter: _) where Self.isPassing(status, wasEverOpen: wasEverOpen):
            reason = words.isEmpty ? "HTTP \(status)" : "HTTP \(status), \(words)"
        case .closed(let code, reason: _) where [.goingAway, .serviceRestart, .tryAgainLater].contains(code):
            reason = "closed with \(code.rawValue)"
        default: return nil
        }
        guard !givesUp(waiting: .zero, at: now), route.fail() else { return nil }
        let words = "cannot connect to \(failed): \(reason); trying \(route.address)"
        return [.report(.offline(words: words))] + connect(at: now)
    }

    /// The server, or a proxy before it, does not say no for good. Where there was a chat server a moment ago, a 404 is a
    /// proxy that has lost sight of it.
    static func isPassing(_ status: Int, wasEverOpen: Bool) -> Bool {
        status == 429 || status == 408 || status >= 500 || (status == 404 && wasEverOpen)
    }

    /// Whether nobody would wait any longer for a connection.
    func givesUp(waiting delay: Duration, at now: Duration) -> Bool {
        if configuration.isInteractive || configuration.isPersistent { return false }
        let outage = now + delay - (outageBegan ?? now)
        if let patience = configuration.patience { return outage >= patience }
        let tooOften = nameTakenSince == nil && failedAttempts >= Timing.attempts
        return tooOften || outage > Timing.outage
    }

    /// Ends because of something that only the caller knows of.
    mutating func stop(_ code: ExitCode, saying words: String, at now: Duration) -> [ClientEffect] {
        [.show(.status(words))] + end(code, at: now)
    }

    /// Saying goodbye, or gone.
    var isEnding: Bool {
        switch phase {
        case .closing, .ended: true
        case .idle, .connecting, .greeting, .open, .waiting: false
        }
    }

    /// What a script is told about how it went.
    func outcome(of code: ExitCode) -> ExitCode {
        if configuration.isInteractive { return code }
        switch code {
        case .success, .incomplete, .unacknowledged, .outputClosed:
            return outbox.isEmpty ? (hasDropped ? .incomplete : code) : .unacknowledged
        // The server was there: what is left may be with it.
        case .unreachable: return wasEverOpen && !outbox.isEmpty ? .unacknowledged : code
        case .usage, .refused, .outputFailed, .hangup, .interrupt, .terminate: return code
        }
    }
}
