import Transport

/// Decides whether, where, when and how often the client connects, and when it gives up.
///
/// Takes events and returns the next step. It does not know what is said on a connection.
struct Reconnecting: Sendable {
    enum Phase: Equatable, Sendable {
        /// Not started.
        case idle
        case connecting(Outage, deadline: Duration)
        /// The upgrade succeeded, and the server's first frame is awaited, which says whether the name is free. Nothing
        /// is sent before.
        case greeting(Outage, deadline: Duration)
        case open(since: Duration, lastHeard: Duration)
        /// No attempt is made before this time.
        case waiting(Outage, until: Duration)
        /// No attempt is made before the token file has another token; it is read again at `until`.
        case awaitingToken(Outage, TokenRefusal, until: Duration)
        /// The client has sent its close frame and waits for the server's.
        case closing(deadline: Duration, ExitCode)
        case ended
    }

    /// How a connection is closed.
    enum Goodbye: Equatable, Sendable {
        /// Send a close frame and wait for the answer.
        case close
        /// Cancel an attempt that has no peer yet.
        case abandon
        /// There is no connection and no attempt.
        case unneeded
    }

    var phase = Phase.idle
    /// The latest attempt.
    private(set) var attempt = Attempt(number: 0)
    private(set) var route: Route
    private(set) var wasEverOpen = false
    private var backoff = Backoff()
    let patience: Patience
    /// Returns random numbers in 0..<1.
    private let random: @Sendable () -> Double

    init(_ route: Route, patience: Patience, random: @escaping @Sendable () -> Double) {
        self.route = route
        self.patience = patience
        self.random = random
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Whether the client is closing its connection or has ended.
    var isEnding: Bool {
        switch phase {
        case .closing, .ended: true
        case .idle, .connecting, .greeting, .open, .waiting, .awaitingToken: false
        }
    }

    /// When this phase ends by itself; `nil`: never.
    var deadline: Duration? {
        switch phase {
        case .idle, .ended: nil
        case .connecting(_, let deadline), .greeting(_, let deadline), .waiting(_, let deadline),
            .awaitingToken(_, _, until: let deadline), .closing(let deadline, _):
            deadline
        case .open(since: _, let lastHeard): lastHeard + Timing.silence
        }
    }

    // MARK: Events

    /// Begins the next attempt, at the start or after a pause.
    /// - Returns: false if there is an attempt already, or the client is ending.
    mutating func connect(at now: Duration) -> Bool {
        switch phase {
        case .idle: begin(Outage(began: now), at: now)
        case .waiting(let outage, until: _), .awaitingToken(let outage, _, until: _): begin(outage, at: now)
        case .connecting, .greeting, .open, .closing, .ended: return false
        }
        return true
    }

    mutating func begin(_ outage: Outage, at now: Duration) {
        attempt.number += 1
        let isSlowest = !route.hasOthers || route.allHaveFailed
        let limit = now + (isSlowest ? Timing.connect : Timing.connectOneOfSeveral)
        phase = .connecting(outage, deadline: patience.deadline(limit, of: outage, at: now))
    }

    /// The upgrade succeeded; the server's first frame must come within `limit`.
    /// - Returns: false if no attempt was under way.
    mutating func upgraded(greetingWithin limit: Duration, at now: Duration) -> Bool {
        guard case .connecting(let outage, deadline: _) = phase else { return false }
        phase = .greeting(outage, deadline: now + limit)
        return true
    }

    /// A frame came from the server.
    mutating func heard(at now: Duration) {
        if case .open(let since, lastHeard: _) = phase { phase = .open(since: since, lastHeard: now) }
    }

    /// The server accepted the user: the connection is established.
    mutating func greeted(at now: Duration) {
        guard case .greeting = phase else { return }
        phase = .open(since: now, lastHeard: now)
        wasEverOpen = true
        route.succeed()
    }

    /// The client is to end.
    /// - Returns: `nil` if it is ending already.
    mutating func close(_ code: ExitCode, at now: Duration) -> Goodbye? {
        switch phase {
        case .closing, .ended: return nil
        case .open, .greeting:
            phase = .closing(deadline: now + Timing.close, code)
            return .close
        case .connecting: return .abandon
        case .idle, .waiting, .awaitingToken: return .unneeded
        }
    }

    /// The client has ended; nothing follows.
    mutating func end() { phase = .ended }

    /// The connection, or an attempt at one, is over.
    mutating func ended(_ end: ConnectionEnd, _ circumstances: Circumstances, at now: Duration) -> Step {
        switch phase {
        case .idle, .waiting, .awaitingToken, .ended: return .none
        case .closing(deadline: _, let code): return .stop(code, saying: nil)
        case .connecting(let outage, deadline: _), .greeting(let outage, deadline: _):
            return failed(end, outage, circumstances, at: now)
        case .open(let since, lastHeard: _):
            if now - since >= Timing.stable { backoff.reset() }
            return lost(end, circumstances, at: now)
        }
    }

    // MARK: For the policy

    /// Waits before the next attempt, unless the client is done.
    mutating func retry(
        _ outage: Outage, because reason: String, atLeast least: Duration = .zero, most: Duration = Backoff.ceiling,
        _ circumstances: Circumstances, at now: Duration
    ) -> Step {
        var outage = outage
        outage.failures += 1
        let delay = max(backoff.next(random: random(), most: most), min(least, Timing.retryAfter))
        if wasEverOpen, circumstances.isDone { return .stop(.success, saying: reason) }
        if patience.isOver(with: outage, until: now + delay) {
            return .stop(.unreachable, saying: "\(reason); giving up")
        }
        phase = .waiting(outage, until: now + delay)
        return .wait(saying: "\(reason); retrying in \(delay.inSeconds)")
    }

    /// Tries the next address at once, unless every address has failed.
    mutating func tryNextAddress(_ outage: Outage, because reason: String, at now: Duration) -> Step? {
        let failed = route.address
        guard route.hasOthers, !patience.isOver(with: outage, until: now), route.fail() else { return nil }
        begin(outage, at: now)
        return .connect(saying: "cannot connect to \(failed): \(reason); trying \(route.address)")
    }

    /// The server announced its end. This is not a failure, so there is no delay beyond the one it asked for.
    mutating func comeBack(at moment: Duration, _ circumstances: Circumstances, now: Duration) -> Step {
        if circumstances.isDone { return .stop(.success, saying: nil) }
        let moment = max(moment, now)
        route.moveOn()  // the present address is going away
        phase = .waiting(Outage(began: moment), until: moment)
        return .wait(saying: "the server asked us to come back; reconnecting in \((moment - now).inSeconds)")
    }
}
