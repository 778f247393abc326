import Wire

/// The conversation in the classic dialect.
extension ClientState {
    /// The server has greeted us, or lets us wait for its greeting.
    mutating func becameOpen(at now: Duration) -> [ClientEffect] {
        let status = wasEverOpen ? "reconnected" : "connected to \(route.address) as \(configuration.username)"
        enterOpen(at: now)
        var effects: [ClientEffect] = [.show(.status(status))]
        for item in outbox.removeUncertain() {
            // The last server knew repeated messages by their ids; this one would say them twice.
            effects += fail(item, because: "not confirmed before the connection was lost")
        }
        return effects + pump(at: now) + finishDraining(at: now)
    }

    mutating func received(_ event: ClassicEvent, at now: Duration) -> [ClientEffect] {
        switch event {
        case .chatMessage(let sender, let content, let timestamp, let room):
            let said = Said(place: .room(room), sender: sender, content: content, timestamp: timestamp)
            return opening(at: now) + [.report(.said(said))]
        case .system(let content):
            if case .greeting = phase, content == "username already exists" {
                return []  // the close that follows ends it, with these words
            }
            let before = rooms.confirmed
            let isEntry = rooms.hear(content)
            heedRefusal(in: content, at: now)
            let effects = opening(at: now) + (isEntry ? entered(from: before, content) : [.show(.system(content))])
            if RoomTracker.isList(content), unanswered > 0 { unanswered -= 1 }
            return effects + finishDraining(at: now)
        }
    }

    /// One is in another room, which in this dialect means in no other.
    private func entered(from before: String, _ notice: String) -> [ClientEffect] {
        guard configuration.hasWindows else { return [.show(.system(notice))] }
        let room = rooms.confirmed
        let username = configuration.username
        let entry = Happening.entered(room: room, username: username, members: 0, isNew: true, isReturn: false)
        return [.report(entry)] + (before == room ? [] : [.report(.left(room: before))])
    }

    private mutating func opening(at now: Duration) -> [ClientEffect] {
        if case .greeting = phase { becameOpen(at: now) } else { [] }
    }

    mutating func pumpClassic(at now: Duration) -> [ClientEffect] {
        var effects: [ClientEffect] = []
        while pausedUntil == nil, let (number, item) = outbox.takeNext(at: now) {
            guard let command = item.request.classic else {
                _ = outbox.settle(number)
                effects += fail(item, because: "this server does not support it")
                continue
            }
            effects.append(.send(attempt, number: number, .classic(command)))
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

    /// The transport passed a line on, which is all that this dialect tells.
    mutating func settled(_ number: Int, at now: Duration) -> [ClientEffect] {
        guard dialect == .classic, let item = outbox.settle(number) else { return [] }
        passedOn(item)
        var effects: [ClientEffect] = []
        switch item.request {
        case .say(let content, room: _):
            effects.append(
                .report(
                    .stored(id: item.id, .room(rooms.current), content: content, timestamp: nil, sequence: nil)))
        case .join(let room, stay: _): rooms.ask(for: room)
        case .leave: rooms.ask(for: RoomTracker.lobby)
        case .users, .rooms: unanswered += 1
        case .tell, .part, .history: break  // never sent
        }
        return effects + pump(at: now) + finishDraining(at: now)
    }
}
