import NIOCore
import Transport
import Wire

/// What happens to the connection, and the policy of coming back.
extension ClientState {
    private static let subprotocol = "chat.v2"

    mutating func connect(at now: Duration) -> [ClientEffect] {
        attempt.number += 1
        if outageBegan == nil { outageBegan = now }
        phase = .connecting(deadline: connectDeadline(at: now))
        rooms.reconnect()
        let request = UpgradeRequest(
            username: configuration.username, room: wasEverOpen ? rooms.current : configuration.room,
            session: v2.secret,
            subprotocols: [Self.subprotocol])
        return [.connect(attempt, request)]
    }

    mutating func connection(_ event: ConnectionEvent, at now: Duration) -> [ClientEffect] {
        lastHeard = now
        switch event {
        case .opened(let subprotocol):
            guard case .connecting = phase else { return [] }
            dialect = subprotocol == Self.subprotocol ? .v2 : .classic
            phase = .greeting(deadline: now + (dialect == .v2 ? Timing.connect : Timing.greeting))
            return []
        case .alive: return []
        case .receivedBinary: return receivedUnknown()
        case .received(let text): return received(text, at: now)
        case .sent(let number): return settled(number, at: now)
        case .ended(let end): return ended(end, at: now)
        }
    }

    /// The connection is one to chat on.
    mutating func enterOpen(at now: Duration) {
        phase = .open(since: now)
        lastHeard = now
        wasEverOpen = true
        route.succeed()
        outageBegan = nil
        failedAttempts = 0
        nameTakenSince = nil
    }

    private mutating func received(_ text: ByteBuffer, at now: Duration) -> [ClientEffect] {
        switch dialect {
        case .classic:
            guard let event = try? ClassicEvent(json: text.readableBytesView) else { return receivedUnknown() }
            return received(event, at: now)
        case .v2:
            guard let frame = try? V2Frame(json: text.readableBytesView) else { return receivedUnknown() }
            return received(frame, at: now)
        }
    }

    private mutating func receivedUnknown() -> [ClientEffect] {
        if saidUnknown { return [] }
        saidUnknown = true
        return [.show(.status("the server sent something that this client does not understand"))]
    }

    mutating func ended(_ end: ConnectionEnd, at now: Duration) -> [ClientEffect] {
        let failures = if case .closed(.tooBig, reason: _) = end { failTooLarge() } else { [] as [ClientEffect] }
        return failures + leave(after: end, at: now)
    }

    private mutating func leave(after end: ConnectionEnd, at now: Duration) -> [ClientEffect] {
        if case .closing(_, let code) = phase { return notice(of: outbox.inFlight.map(\.item)) + exit(code) }
        let wasStable = if case .open(let since) = phase { now - since >= Timing.stable } else { false }
        if wasStable { backoff.reset() }
        let wasOpen = if case .open = phase { true } else { false }
        let comeBackAt = v2.comeBackAt
        outbox.connectionEnded(isUncertain: dialect == .v2)
        if dialect == .v2 { rooms.refuse() }  // the line that asked for it is sent again
        v2.connectionEnded()
        largestPassedOn = 0
        unanswered = 0
        answerDeadline = nil
        pausedUntil = nil
        if outageBegan == nil || wasOpen { outageBegan = now }
        if let comeBackAt, !end.isRefusal { return comeBack(at: comeBackAt, now) }
        if !wasOpen, let effects = tryNextAddress(after: end, at: now) { return effects }
        switch end {
        case .closed(.usernameTaken, let reason):
            return nameTaken(reason: reason, wasOpen: wasOpen, at: now)
        // A fresh one may be at hand; if not, the next attempt is refused.
        case .closed(.tokenExpired, reason: _) where wasStable:
            return retry(because: "the token has expired", at: now)
        case .closed(let code, let reason) where end.isRefusal:
            return refuse(reason.isEmpty ? Self.meaning(of: code) : reason, afterwards: true)
        case .closed(let code, let reason):
            let why = wasOpen ? "connection lost" : "cannot connect to \(route.address)"
            let words = reason.isEmpty ? "" : ": \(reason)"
            return retry(because: "\(why) (closed with \(code.rawValue)\(words))", at: now)
        case .lost(let reason):
            return retry(because: reason.isEmpty ? "connection lost" : "connection lost (\(reason))", at: now)
        case .unreachable(let reason):
            return retry(because: "cannot connect to \(route.address): \(reason)", at: now)
        case .refused(let status, let words, let retryAfter):
            if Self.isPassing(status, wasEverOpen: wasEverOpen) {
                let why = words.isEmpty ? "HTTP \(status)" : "HTTP \(status), \(words)"
                return retry(because: "the server does not take us now (\(why))", atLeast: retryAfter ?? .zero, at: now)
            }
            return refuse(words.isEmpty ? "HTTP \(status)" : words)
        }
    }

    /// The server announced it: no failure, and no delay but the one it asked for.
    private mutating func comeBack(at moment: Duration, _ now: Duration) -> [ClientEffect] {
        if let effects = endInsteadOfReturning() { return effects }
        let moment = max(moment, now)
        route.moveOn()  // this one is going away
        outageBegan = moment
        phase = .waiting(until: moment)
        let words = "the server asked us to come back; reconnecting in \(Self.seconds(moment - now))"
        return [.report(.offline(words: words))]
    }

    /// Nobody needs the connection any more.
    private mutating func endInsteadOfReturning() -> [ClientEffect]? {
        guard isDraining, wasEverOpen, configuration.isInteractive || outbox.isEmpty else { return nil }
        return notice(of: outbox.items) + exit(.success)
    }

    private static func meaning(of code: CloseCode) -> String {
        switch code {
        case .kicked: "kicked"
        case .rateLimited: "too many messages for too long"
        case .tokenExpired: "the token has expired"
        default: "closed with \(code.rawValue)"
        }
    }

    /// A name that is taken on the first connection is someone else's. On a reconnect it is most likely one's own, held by
    /// the lease of a server that died; nothing can be stolen by waiting for it, since a living owner is never displaced.
    private mutating func nameTaken(reason: String, wasOpen: Bool, at now: Duration) -> [ClientEffect] {
        let words = reason.isEmpty ? "username already exists" : reason
        if wasOpen {
            let words = reason.isEmpty ? "the name was taken over by another connection" : reason
            return refuse(words, afterwards: true)
        }
        // In `chat.v2` the secret would have taken over what is one's own.
        guard wasEverOpen, dialect == .classic else { return refuse(words) }
        let since = nameTakenSince ?? now
        nameTakenSince = since
        guard now - since < Timing.nameTaken else { return refuse(words) }
        return retry(because: "the name is still held by the old connection", most: Timing.nameTakenDelay, at: now)
    }

    private mutating func refuse(_ words: String, afterwards: Bool = false) -> [ClientEffect] {
        let what = afterwards ? "the server closed the connection" : "the server refused"
        return [.show(.status("\(what): \(words)"))] + notice(of: outbox.items) + exit(.refused)
    }

    private mutating func retry(
        because reason: String, atLeast least: Duration = .zero, most: Duration = Backoff.ceiling, at now: Duration
    ) -> [ClientEffect] {
        failedAttempts += 1
        let delay = max(backoff.next(random: random(), most: most), min(least, Timing.retryAfter))
        if let effects = endInsteadOfReturning() { return [.show(.status(reason))] + effects }
        if givesUp(waiting: delay, at: now) {
            return [.show(.status("\(reason); giving up"))] + notice(of: outbox.items) + exit(.unreachable)
        }
        phase = .waiting(until: now + delay)
        return [.report(.offline(words: "\(reason); retrying in \(Self.seconds(delay))"))]
    }

    static func seconds(_ delay: Duration) -> String {
        let tenths = (Int(delay / .milliseconds(1)) + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension ConnectionEnd {
    /// The server does not want us back.
    fileprivate var isRefusal: Bool {
        switch self {
        case .closed(let code, reason: _):
            code == .usernameTaken || code == .tokenExpired || code == .kicked || code == .rateLimited
        case .unreachable, .refused, .lost: false
        }
    }
}
