import Transport

/// Whether there is a connection, and how the client comes by one: where it tries, when, how often, and when it stops.
///
/// Events in, the next step out. What is said on a connection, and what is left unsaid, is no business of this value.
struct Reconnecting: Sendable {
    enum Phase: Equatable, Sendable {
        /// Not started.
        case idle
        case connecting(Outage, deadline: Duration)
        /// Upgraded, but the server says only now whether the name is taken: nothing is sent before its first word.
        case greeting(Outage, deadline: Duration)
        case open(since: Duration, lastHeard: Duration)
        /// Nothing is tried until then.
        case waiting(Outage, until: Duration)
        /// The client has said goodbye; the server's half of it is waited for.
        case closing(deadline: Duration, ExitCode)
        case ended
    }

    /// How to say goodbye.
    enum Goodbye: Equatable, Sendable {
        /// With a close frame, whose answer is waited for.
        case close
        /// There is an attempt, and nobody on the other side of it yet.
        case abandon
        /// There is nobody to say it to.
        case unneeded
    }

    private(set) var phase = Phase.idle
    /// The latest one.
    private(set) var attempt = Attempt(number: 0)
    private(set) var route: Route
    private(set) var wasEverOpen = false
    private var backoff = Backoff()
    private let patience: Patience
    /// Draws from 0..<1.
    private let random: @Sendable () -> Double

    init(_ route: Route, patience: Patience, random: @escaping @Sendable () -> Double) {
        self.route = route
        self.patience = patience
        self.random = random
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Saying goodbye, or gone.
    var isEnding: Bool {
        switch phase {
        case .closing, .ended: true
        case .idle, .connecting, .greeting, .open, .waiting: false
        }
    }

    /// When this phase ends by itself; `nil` for never.
    var deadline: Duration? {
        switch phase {
        case .idle, .ended: nil
        case .connecting(_, let deadline), .greeting(_, let deadline), .waiting(_, let deadline),
            .closing(let deadline, _):
            deadline
        case .open(since: _, let lastHeard): lastHeard + Timing.silence
        }
    }

    // MARK: Events

    /// The next attempt begins, at the start or after a pause.
    /// - Returns: false where there is one already, or none is wanted any more.
    mutating func connect(at now: Duration) -> Bool {
        switch phase {
        case .idle: begin(Outage(began: now), at: now)
        case .waiting(let outage, until: _): begin(outage, at: now)
        case .connecting, .greeting, .open, .closing, .ended: return false
        }
        return true
    }

    private mutating func begin(_ outage: Outage, at now: Duration) {
        attempt.number += 1
        let isSlowest = !route.hasOthers || route.allHaveFailed
        let limit = now + (isSlowest ? Timing.connect : Timing.connectOneOfSeveral)
        phase = .connecting(outage, deadline: patience.deadline(limit, of: outage, at: now))
    }

    /// The attempt led to a connection, on which the server now has to speak within `limit`.
    /// - Returns: false where no attempt was under way.
    mutating func upgraded(greetingWithin limit: Duration, at now: Duration) -> Bool {
        guard case .connecting(let outage, deadline: _) = phase else { return false }
        phase = .greeting(outage, deadline: now + limit)
        return true
    }

    /// The server gave a sign of life.
    mutating func heard(at now: Duration) {
        if case .open(let since, lastHeard: _) = phase { phase = .open(since: since, lastHeard: now) }
    }

    /// The server takes us: the connection is one to chat on.
    mutating func greeted(at now: Duration) {
        guard case .greeting = phase else { return }
        phase = .open(since: now, lastHeard: now)
        wasEverOpen = true
        route.succeed()
    }

    /// The client wants to end.
    /// - Returns: `nil` where it is ending already.
    mutating func close(_ code: ExitCode, at now: Duration) -> Goodbye? {
        switch phase {
        case .closing, .ended: return nil
        case .open, .greeting:
            phase = .closing(deadline: now + Timing.close, code)
            return .close
        case .connecting: return .abandon
        case .idle, .waiting: return .unneeded
        }
    }

    /// Nothing follows.
    mutating func end() { phase = .ended }

    /// The connection, or the attempt at one, is over.
    mutating func ended(_ end: ConnectionEnd, _ circumstances: Circumstances, at now: Duration) -> Step {
        switch phase {
        case .idle, .waiting, .ended: return .none
        case .closing(deadline: _, let code): return .stop(code, saying: nil)
        case .connecting(let outage, deadline: _), .greeting(let outage, deadline: _):
            return failed(end, outage, circumstances, at: now)
        case .open(let since, lastHeard: _):
            let wasStable = now - since >= Timing.stable
            if wasStable { backoff.reset() }
            return lost(end, wasStable: wasStable, circumstances, at: now)
        }
    }

    // MARK: For the policy

    /// Waits before the next attempt, unless nobody needs one.
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

    /// Goes on with the next address at once, where there is one that has not failed as well.
    mutating func tryNextAddress(_ outage: Outage, because reason: String, at now: Duration) -> Step? {
        let failed = route.address
        guard route.hasOthers, !patience.isOver(with: outage, until: now), route.fail() else { return nil }
        begin(outage, at: now)
        return .connect(saying: "cannot connect to \(failed): \(reason); trying \(route.address)")
    }

    /// The server announced it: no failure, and no delay but the one it asked for.
    mutating func comeBack(at moment: Duration, _ circumstances: Circumstances, now: Duration) -> Step {
        if circumstances.isDone { return .stop(.success, saying: nil) }
        let moment = max(moment, now)
        route.moveOn()  // this one is going away
        phase = .waiting(Outage(began: moment), until: moment)
        return .wait(saying: "the server asked us to come back; reconnecting in \((moment - now).inSeconds)")
    }
}
