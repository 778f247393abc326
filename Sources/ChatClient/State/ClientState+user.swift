import Transport
import Wire

/// What the user enters, and how the client ends.
extension ClientState {
    mutating func enter(_ line: String, at now: Duration) -> [ClientEffect] {
        if case .closing = phase { return [] }
        if isDraining { return [] }
        switch UserInput(line: line) {
        case .nothing: return []
        case .say(let content): return queue(.chatMessage(content: content), line: line, at: now)
        case .join(let room): return queue(.joinRoom(room), line: line, at: now)
        case .leave: return queue(.leaveRoom, line: line, at: now)
        case .users(let room): return queue(.listUsers(room: room), line: line, at: now)
        case .rooms: return queue(.listRooms, line: line, at: now)
        case .help: return [.show(.help)]
        case .quit: return configuration.isInteractive ? quit(at: now) : endOfInput(at: now)
        case .mistake(let explanation):
            if !configuration.isInteractive { hasDropped = true }
            return [.show(.status(explanation))]
        }
    }

    private mutating func queue(_ command: ClassicCommand, line: String, at now: Duration) -> [ClientEffect] {
        // Where input can wait it is not read while the outbox is full; a few lines of one read may still exceed it.
        if outbox.isFull, !configuration.inputCanWait {
            return [
                .giveBack(line),
                .show(.status("\(outbox.count) lines are waiting to be sent; this one stays in the editor")),
            ]
        }
        outbox.append(Outgoing(command: command))
        if case .open = phase { return pump(at: now) }
        // A pipe's lines wait unread for the most part, and nobody is there to wonder.
        return configuration.isInteractive ? [.show(.waiting(line))] : []
    }

    /// Gives the transport what its window and the server's limit have room for.
    mutating func pump(at now: Duration) -> [ClientEffect] {
        var effects: [ClientEffect] = []
        while pausedUntil == nil, let (number, item) = outbox.takeNext() {
            effects.append(.send(attempt, number: number, item))
            // Else all that the window holds would go out at once after a pause, and most of it be refused again.
            if let pace { pausedUntil = now + pace }
        }
        return effects
    }

    /// The classic dialect does not say which line was refused, so none can be sent again; but no more need be lost.
    mutating func heedRefusal(in notice: String, at now: Duration) {
        if !configuration.isInteractive, Self.isRefusal(notice) { hasDropped = true }
        if let pace = Self.pace(statedBy: notice) { self.pace = pace }
        if let wait = Self.pause(askedBy: notice) { pausedUntil = now + wait }
    }

    /// Whether the server says that it did not, or may not have, passed a message on. No name can forge these words:
    /// names have no spaces, and what is said about users goes on with ` joined` or ` left`.
    static func isRefusal(_ notice: String) -> Bool {
        ["message too long", "not sent:", "not confirmed:", "too many messages"].contains { notice.hasPrefix($0) }
    }

    mutating func resumeSending(at now: Duration) -> [ClientEffect] {
        guard let pausedUntil, pausedUntil <= now else { return [] }
        self.pausedUntil = nil
        return pump(at: now)
    }

    /// Reads `too many messages: …, try again in 3 s`.
    static func pause(askedBy notice: String) -> Duration? {
        guard notice.hasPrefix("too many messages") else { return nil }
        return number(after: "try again in ", in: notice).map { .seconds(min($0, 60)) }
    }

    /// Reads `too many messages: at most 100 in 10 s; …`. A tenth is added, since the network does not keep distances.
    static func pace(statedBy notice: String) -> Duration? {
        guard notice.hasPrefix("too many messages"), let messages = number(after: ": at most ", in: notice),
            let seconds = number(after: " in ", in: notice), messages > 0
        else { return nil }
        return min(.seconds(seconds) * 11 / (messages * 10), .seconds(60))
    }

    private static func number(after words: String, in notice: String) -> Int? {
        guard let found = notice.firstRange(of: words) else { return nil }
        return Int(notice[found.upperBound...].prefix { $0.isASCII && $0.isNumber }.prefix(9))
    }

    mutating func settled(_ number: Int, at now: Duration) -> [ClientEffect] {
        guard let item = outbox.settle(number) else { return [] }
        var effects: [ClientEffect] = []
        switch item.command {
        case .chatMessage(let content): effects.append(.show(.sent(room: rooms.current, content: content)))
        case .joinRoom(let room): rooms.ask(for: room)
        case .leaveRoom: rooms.ask(for: RoomTracker.lobby)
        case .listUsers, .listRooms: unanswered += 1
        }
        if case .open = phase { effects += pump(at: now) }
        return effects + finishDraining(at: now)
    }

    mutating func endOfInput(at now: Duration) -> [ClientEffect] {
        if configuration.isInteractive { return quit(at: now) }
        isDraining = true
        return finishDraining(at: now)
    }

    /// Ends once all of a pipe's input was sent and its questions were answered. Even where there was nothing to send the
    /// server is greeted first, so that the exit code says whether it is there.
    mutating func finishDraining(at now: Duration) -> [ClientEffect] {
        guard isDraining, outbox.isEmpty, wasEverOpen else { return [] }
        if case .open = phase, unanswered > 0 {
            if answerDeadline == nil { answerDeadline = now + Timing.answers }
            return []
        }
        return end(.success, at: now)
    }

    private mutating func quit(at now: Duration) -> [ClientEffect] {
        end(.success, at: now)
    }

    mutating func interrupt(_ code: ExitCode, at now: Duration) -> [ClientEffect] {
        if case .closing = phase { return [.abandon(attempt)] + exit(code) }
        return end(code, at: now)
    }

    /// Says goodbye where there is someone to say it to, and ends.
    mutating func end(_ code: ExitCode, at now: Duration) -> [ClientEffect] {
        switch phase {
        case .ended: return []
        case .closing: return []
        case .open, .greeting:
            let left = unsentNotice(outbox.waitingCount)
            phase = .closing(deadline: now + Timing.close, code)
            return left + [.close(attempt, .normal)]
        case .connecting: return [.abandon(attempt)] + unsentNotice(outbox.count) + exit(code)
        case .idle, .waiting: return unsentNotice(outbox.count) + exit(code)
        }
    }

    /// Lines already with the transport stand before the close frame and are sent; these here are not.
    func unsentNotice(_ count: Int) -> [ClientEffect] {
        guard count > 0 else { return [] }
        return [.show(.status(count == 1 ? "1 line was not sent" : "\(count) lines were not sent"))]
    }

    /// Decided here and not when the end begins: a refusal can still come while the connection is being closed.
    mutating func exit(_ code: ExitCode) -> [ClientEffect] {
        phase = .ended
        return [.exit(code == .success && hasDropped ? .incomplete : code)]
    }
}
