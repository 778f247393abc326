import Transport

/// What the user enters, and how the client ends.
extension ClientState {
    mutating func enter(_ line: String, at now: Duration) -> [ClientEffect] {
        if case .closing = phase { return [] }
        if isDraining { return [] }
        switch UserInput(line: line) {
        case .nothing: return []
        case .say(let content): return queue(.say(content, room: nextRoom), line: line, at: now)
        case .tell(let content, let user): return queue(.tell(content, to: user), line: line, at: now)
        case .join(let room, let stay): return queue(.join(room, stay: stay), line: line, at: now)
        case .leave: return queue(v2.kept.isEmpty ? .leave : .part(nextRoom), line: line, at: now)
        case .users(let room, let after): return queue(.users(room: room, after: after), line: line, at: now)
        case .rooms(let after): return queue(.rooms(after: after), line: line, at: now)
        case .history(let count): return queue(.history(room: nextRoom, count: count), line: line, at: now)
        case .help: return [.show(.help)]
        case .helpOn(let name): return [.show(.helpOn(name))]
        case .reconnect: return reconnect(at: now)
        case .window: return [.show(.status("that works on the full screen only"))]
        case .quit: return configuration.isInteractive ? quit(at: now) : endOfInput(at: now)
        case .mistake(let explanation):
            if !configuration.isInteractive { hasDropped = true }
            return [.show(.status(explanation))]
        }
    }

    /// The room one will be in once all that was typed before is done.
    private var nextRoom: String { outbox.destination ?? rooms.current }

    mutating func queue(_ request: Request, line: String, at now: Duration) -> [ClientEffect] {
        // Where input can wait it is not read while the outbox is full; a few lines of one read may still exceed it.
        if outbox.isFull, !configuration.inputCanWait {
            return [
                .giveBack(line),
                .show(.status("\(outbox.count) lines are waiting to be sent; this one stays in the editor")),
            ]
        }
        let item = Outgoing(request, line: line, id: makeID())
        outbox.append(item)
        let isOpen = if case .open = phase { true } else { false }
        var effects: [ClientEffect] = []
        if configuration.hasWindows, let place = request.place, let content = request.content {
            effects = [.report(.pending(id: item.id, place, content: content, isOffline: !isOpen))]
        } else if !isOpen, configuration.isInteractive {
            // A pipe's lines wait unread for the most part, and nobody is there to wonder.
            effects = [
                .show(configuration.hasWindows ? .status("without a connection this waits: \(line)") : .waiting(line))
            ]
        }
        return isOpen ? effects + pump(at: now) : effects
    }

    /// Gives the transport what its window, the server's answers and its limit have room for.
    mutating func pump(at now: Duration) -> [ClientEffect] {
        guard case .open = phase else { return [] }
        return dialect == .v2 ? pumpV2(at: now) : pumpClassic(at: now)
    }

    mutating func resumeSending(at now: Duration) -> [ClientEffect] {
        if let pausedUntil, pausedUntil <= now { self.pausedUntil = nil }
        return pump(at: now)
    }

    /// A line that will not be sent: said aloud, and in a pipe by the exit code, too.
    mutating func fail(_ item: Outgoing, because reason: String) -> [ClientEffect] {
        if !configuration.isInteractive { hasDropped = true }
        guard let place = item.request.place, let content = item.request.content else {
            return [.show(.failed(line: item.line, reason: reason))]
        }
        return [.report(.failed(id: item.id, place, content: content, line: item.line, reason: reason))]
    }

    mutating func endOfInput(at now: Duration) -> [ClientEffect] {
        if configuration.isInteractive { return quit(at: now) }
        isDraining = true
        return finishDraining(at: now)
    }

    /// Ends once all of a pipe's input was sent and its questions were answered. Even where there was nothing to send the
    /// server is greeted first, so that the exit code says whether it is there.
    mutating func finishDraining(at now: Duration) -> [ClientEffect] {
        guard isDraining, wasEverOpen else { return [] }
        guard outbox.isEmpty else {
            return drainDeadline.map { $0 <= now } ?? false ? end(.success, at: now) : []
        }
        if case .open = phase, unanswered > 0 {
            if answerDeadline == nil { answerDeadline = now + Timing.answers }
            return []
        }
        return end(.success, at: now)
    }

    /// Someone who says a last word and leaves means it to be heard: what is on its way gets a moment to be stored.
    private mutating func quit(at now: Duration) -> [ClientEffect] {
        if case .open = phase, dialect == .v2, outbox.hasMessages {
            isDraining = true
            drainDeadline = now + Timing.close
            return []
        }
        return end(.success, at: now)
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
            let left = notice(of: Array(outbox.waiting))
            phase = .closing(deadline: now + Timing.close, code)
            return left + [.close(attempt, .normal)]
        case .connecting: return [.abandon(attempt)] + notice(of: outbox.items) + exit(code)
        case .idle, .waiting: return notice(of: outbox.items) + exit(code)
        }
    }

    /// Says what is left behind. Classic lines already with the transport stand before the close frame and are sent; in
    /// `chat.v2` the server has not said what became of them.
    func notice(of items: [Outgoing]) -> [ClientEffect] {
        let unconfirmed = items.count { $0.isUncertain || $0.sentAt != nil && dialect == .v2 }
        return [(items.count - unconfirmed, "sent"), (unconfirmed, "confirmed by the server")].compactMap {
            count, what in
            switch count {
            case 0: nil
            case 1: .show(.status("1 line was not \(what)"))
            default: .show(.status("\(count) lines were not \(what)"))
            }
        }
    }

    /// Decided here and not when the end begins: a refusal can still come while the connection is being closed.
    mutating func exit(_ code: ExitCode) -> [ClientEffect] {
        phase = .ended
        return [.exit(outcome(of: code))]
    }
}
