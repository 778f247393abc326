import Transport
import Wire

/// The user's lines and requests, and the end of the client.
extension ClientState {
    // MARK: Lines

    mutating func enter(_ line: String, at now: Duration) -> [ClientEffect] {
        if reconnecting.isEnding || session.outbox.isDraining { return [] }
        let room = session.nextRoom
        switch UserInput(line: line) {
        case .nothing: return []
        case .say(let content): return queue(.say(content, room: room), line: line, at: now)
        case .tell(let content, let user): return queue(.tell(content, to: user), line: line, at: now)
        case .join(let room, let stay): return queue(.join(room, stay: stay), line: line, at: now)
        case .leave: return queue(session.rooms.kept.isEmpty ? .leave : .part(room), line: line, at: now)
        case .users(let room, let after): return queue(.users(room: room, after: after), line: line, at: now)
        case .rooms(let after): return queue(.rooms(after: after), line: line, at: now)
        case .history(let count): return queue(.history(room: room, count: count), line: line, at: now)
        case .help: return [.show(.help)]
        case .helpOn(let name): return [.show(.helpOn(name))]
        case .reconnect: return reconnect(at: now)
        case .window: return [.show(.status("that works on the full screen only"))]
        case .quit: return configuration.isInteractive ? quit(at: now) : endOfInput(at: now)
        case .mistake(let explanation):
            session.outbox.noteLoss()
            return [.show(.status(explanation))]
        }
    }

    private mutating func queue(_ request: Request, line: String, at now: Duration) -> [ClientEffect] {
        // If input can wait, it is not read while the outbox is full, though lines of one read may exceed the limit.
        if session.outbox.isFull, !configuration.inputCanWait {
            let words = "\(session.outbox.count) lines are waiting to be sent; this one stays in the editor"
            return [.giveBack(line), .show(.status(words))]
        }
        let item = Outgoing(request, line: line, id: makeID())
        session.outbox.append(item)
        return tellPending(item) + pump(at: now)
    }

    private func tellPending(_ item: Outgoing) -> [ClientEffect] {
        let isOffline = !reconnecting.isOpen
        if configuration.hasWindows, let place = item.request.place, let content = item.request.content {
            return [.report(.pending(id: item.id, place, content: content, isOffline: isOffline))]
        }
        // A pipe's lines mostly wait unread, and no user is present who would miss a message about it.
        guard isOffline, configuration.isInteractive else { return [] }
        if configuration.hasWindows { return [.show(.status("without a connection this waits: \(item.line)"))] }
        return [.show(.waiting(item.line))]
    }

    // MARK: Asks

    /// Handles a request of a view with windows.
    mutating func serve(_ ask: Ask, at now: Duration) -> [ClientEffect] {
        if reconnecting.isEnding || session.outbox.isDraining { return [] }
        switch ask {
        case .say(let content, .room(let room)):
            guard session.isHeading(for: room) else {
                return [.giveBack(content), .show(.status("you are not in the room \(room); /join it first"))]
            }
            return queue(.say(content, room: room), line: content, at: now)
        case .say(let content, .user(let user)): return queue(.tell(content, to: user), line: content, at: now)
        case .join(let room, let stay): return queue(.join(room, stay: stay), line: "/join \(room)", at: now)
        case .leave(let room):
            guard session.rooms.contains(room) else { return [.report(.left(room: room))] }
            return queue(session.rooms.kept.isEmpty ? .leave : .part(room), line: "/leave", at: now)
        case .older(let room, let before, let count):
            return queue(.history(room: room, before: before, count: count), line: "/history \(count)", at: now)
        case .typing, .names, .roomNames:
            return reconnecting.isOpen ? dialogue.goOn(with: &session) { $0.serve(ask, &$1, at: now) } ?? [] : []
        case .reconnect: return reconnect(at: now)
        }
    }

    /// Closes the connection and connects again at once; without a connection, tries at once.
    private mutating func reconnect(at now: Duration) -> [ClientEffect] {
        switch reconnecting.phase {
        case .open, .connecting, .greeting: return drop(.lost("as you asked"), at: now) + connect(at: now)
        case .waiting, .awaitingToken: return connect(at: now)
        case .idle, .closing, .ended: return []
        }
    }

    // MARK: The end

    mutating func endOfInput(at now: Duration) -> [ClientEffect] {
        if configuration.isInteractive { return quit(at: now) }
        session.outbox.drain()
        return finishDraining(at: now)
    }

    /// Messages that are on their way get a moment to be stored before the client ends.
    private mutating func quit(at now: Duration) -> [ClientEffect] {
        if reconnecting.isOpen, session.dialect == .v2, session.outbox.messageCount > 0 {
            session.outbox.drain(until: now + Timing.close)
            return []
        }
        return end(.success, at: now)
    }

    /// Ends a pipe's client when all of its input was sent and its questions were answered. Even without any line it
    /// waits for the server's greeting, so that the exit code says whether the server is there.
    mutating func finishDraining(at now: Duration) -> [ClientEffect] {
        guard reconnecting.wasEverOpen, session.outbox.isDrained(at: now) else { return [] }
        if reconnecting.isOpen,
            dialogue.goOn(with: &session, { exchange, _ in exchange.awaitsAnswers(at: now) }) == true
        {
            return []
        }
        return end(.success, at: now)
    }

    mutating func interrupt(_ code: ExitCode, at now: Duration) -> [ClientEffect] {
        if case .closing = reconnecting.phase { return [.abandon(attempt)] + exit(code) }
        return end(code, at: now)
    }

    /// Ends for a reason that only the caller knows.
    mutating func stop(_ code: ExitCode, saying words: String, at now: Duration) -> [ClientEffect] {
        [.show(.status(words))] + end(code, at: now)
    }

    /// Closes the connection, if there is one, and ends.
    mutating func end(_ code: ExitCode, at now: Duration) -> [ClientEffect] {
        switch reconnecting.close(code, at: now) {
        case nil: return []
        case .close?: return session.notice(of: Array(session.outbox.waiting)) + [.close(attempt, .normal)]
        case .abandon?: return [.abandon(attempt)] + session.notice(of: session.outbox.items) + exit(code)
        case .unneeded?: return session.notice(of: session.outbox.items) + exit(code)
        }
    }
}
