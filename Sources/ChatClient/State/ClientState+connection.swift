import NIOCore
import Transport
import Wire

/// What happens to the connection, and the policy of coming back.
extension ClientState {
    mutating func connect(at now: Duration) -> [ClientEffect] {
        attempt.number += 1
        phase = .connecting(deadline: now + Timing.connect)
        rooms.reconnect()
        let room = wasEverOpen ? rooms.current : configuration.room
        return [.connect(attempt, UpgradeRequest(username: configuration.username, room: room))]
    }

    mutating func connection(_ event: ConnectionEvent, at now: Duration) -> [ClientEffect] {
        lastHeard = now
        switch event {
        case .opened:
            guard case .connecting = phase else { return [] }
            phase = .greeting(deadline: now + Timing.greeting)
            return []
        case .alive: return []
        case .receivedBinary: return receivedUnknown()
        case .received(let text):
            guard let event = try? ClassicEvent(json: text.readableBytesView) else { return receivedUnknown() }
            return received(event, at: now)
        case .sent(let number): return settled(number, at: now)
        case .ended(let end): return ended(end, at: now)
        }
    }

    mutating func becameOpen(at now: Duration) -> [ClientEffect] {
        phase = .open(since: now)
        lastHeard = now
        let status =
            wasEverOpen
            ? "reconnected" : "connected to \(configuration.address) as \(configuration.username)"
        wasEverOpen = true
        outageBegan = nil
        failedAttempts = 0
        nameTakenSince = nil
        return [.show(.status(status))] + pump(at: now) + finishDraining(at: now)
    }

    private mutating func receivedUnknown() -> [ClientEffect] {
        if saidUnknown { return [] }
        saidUnknown = true
        return [.show(.status("the server sent something that this client does not understand"))]
    }

    private mutating func received(_ event: ClassicEvent, at now: Duration) -> [ClientEffect] {
        switch event {
        case .chatMessage(let sender, let content, let timestamp, let room):
            let message = Output.message(timestamp: timestamp, room: room, sender: sender, content: content)
            return opening(at: now) + [.show(message)]
        case .system(let content):
            if case .greeting = phase, content == "username already exists" {
                return []  // the close that follows ends it, with these words
            }
            _ = rooms.hear(content)
            heedRefusal(in: content, at: now)
            let effects: [ClientEffect] = opening(at: now) + [.show(.system(content))]
            if RoomTracker.isList(content), unanswered > 0 { unanswered -= 1 }
            return effects + finishDraining(at: now)
        }
    }

    private mutating func opening(at now: Duration) -> [ClientEffect] {
        if case .greeting = phase { becameOpen(at: now) } else { [] }
    }

    mutating func ended(_ end: ConnectionEnd, at now: Duration) -> [ClientEffect] {
        if case .closing(_, let code) = phase { return unsentNotice(outbox.inFlightCount) + exit(code) }
        if case .open(let since) = phase, now - since >= Timing.stable { backoff.reset() }
        let wasOpen = if case .open = phase { true } else { false }
        outbox.connectionEnded()
        unanswered = 0
        answerDeadline = nil
        pausedUntil = nil
        if outageBegan == nil { outageBegan = now }
        switch end {
        case .closed(.usernameTaken, let reason):
            return nameTaken(reason: reason, wasOpen: wasOpen, at: now)
        case .closed(let code, let reason) where code == .kicked || code == .rateLimited || code == .tokenExpired:
            return refuse(reason.isEmpty ? Self.meaning(of: code) : reason, afterwards: true)
        case .closed(let code, let reason):
            let why = wasOpen ? "connection lost" : "cannot connect to \(configuration.address)"
            let words = reason.isEmpty ? "" : ": \(reason)"
            return retry(because: "\(why) (closed with \(code.rawValue)\(words))", at: now)
        case .lost(let reason):
            return retry(because: reason.isEmpty ? "connection lost" : "connection lost (\(reason))", at: now)
        case .unreachable(let reason):
            return retry(because: "cannot connect to \(configuration.address): \(reason)", at: now)
        case .refused(let status, let words, let retryAfter):
            // Where there was a chat server a moment ago, a 404 is a proxy that has lost sight of it.
            if status == 429 || status == 408 || status >= 500 || (status == 404 && wasEverOpen) {
                let why = words.isEmpty ? "HTTP \(status)" : "HTTP \(status), \(words)"
                return retry(because: "the server does not take us now (\(why))", atLeast: retryAfter ?? .zero, at: now)
            }
            return refuse(words.isEmpty ? "HTTP \(status)" : words)
        }
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
        guard wasEverOpen else { return refuse(words) }
        let since = nameTakenSince ?? now
        nameTakenSince = since
        guard now - since < Timing.nameTaken else { return refuse(words) }
        return retry(because: "the name is still held by the old connection", most: Timing.nameTakenDelay, at: now)
    }

    private mutating func refuse(_ words: String, afterwards: Bool = false) -> [ClientEffect] {
        let what = afterwards ? "the server closed the connection" : "the server refused"
        return [.show(.status("\(what): \(words)"))] + unsentNotice(outbox.count) + exit(.refused)
    }

    private mutating func retry(
        because reason: String, atLeast least: Duration = .zero, most: Duration = Backoff.ceiling, at now: Duration
    ) -> [ClientEffect] {
        failedAttempts += 1
        let delay = max(backoff.next(random: random(), most: most), min(least, Timing.retryAfter))
        if !configuration.isInteractive {
            if isDraining, outbox.isEmpty, wasEverOpen {
                return [.show(.status(reason))] + exit(.success)
            }
            let tooOften = nameTakenSince == nil && failedAttempts >= Timing.attempts
            if tooOften || now + delay - (outageBegan ?? now) > Timing.outage {
                return [.show(.status("\(reason); giving up"))] + unsentNotice(outbox.count)
                    + exit(.unreachable)
            }
        }
        phase = .waiting(until: now + delay)
        return [.show(.status("\(reason); retrying in \(Self.seconds(delay))"))]
    }

    static func seconds(_ delay: Duration) -> String {
        let tenths = (Int(delay / .milliseconds(1)) + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
