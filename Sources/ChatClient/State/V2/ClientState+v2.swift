import Wire

/// The conversation in `chat.v2`: what the server says, sorted by what it is about.
extension ClientState {
    mutating func received(_ frame: V2Frame, at now: Duration) -> [ClientEffect] {
        if case .greeting = phase { return greeted(with: frame.event, at: now) }
        let chore = frame.ref.flatMap(Chore.init(rawValue:))
        if let chore, let asked = v2.asked.removeValue(forKey: chore) { lag = now - asked }
        let number = frame.ref.flatMap { Int($0) }
        switch frame.event {
        case .welcome: return []
        case .typing(let room, let username, let isTyping):
            return configuration.hasWindows
                ? [.report(.typing(room: room, username: username, isTyping: isTyping))] : []
        case .chatMessage(let message): return heard(message, at: now)
        case .privateMessage(let message): return heard(message)
        case .ack(let ack): return acknowledged(ack, number: number, at: now)
        case .joined(let room, let members, let lastSequence, let epoch):
            let place = Entered(room: room, members: members, head: lastSequence, epoch: epoch)
            return joined(place, number: number, chore: chore, at: now)
        case .left(let room): return left(room, number: number, at: now)
        case .history(let history):
            if let number, let item = settled(with: number, at: now) {
                return olderPage(history, for: item) + proceed(at: now)
            }
            return resumed(with: history, at: now)
        case .inbox(let inbox): return read(inbox, at: now)
        case .gap(let room, after: _, before: _):
            return [.report(.gap(room: room, words: "some messages in \(room) are gone for good"))]
        case .userList, .roomList:
            if let chore { return named(frame.event, for: chore, at: now) }
            return listed(frame.event, for: number, at: now)
        case .userJoined(let room, let username, let members, timestamp: _):
            // One's own entry is told when the server confirms it.
            if username == v2.username { return [] }
            return [.report(.came(username: username, room: room, members: members))]
        case .userLeft(let room, let username, let members, timestamp: _):
            if username == v2.username { return [] }
            return [.report(.went(username: username, room: room, members: members))]
        case .roomMembers(let room, let members, joined: 0, left: 0, timestamp: _):
            return [.report(.members(room: room, count: members))]
        case .roomMembers(let room, let members, let joined, let left, timestamp: _):
            let words = ClassicEvent.crowd(in: room, members: members, joined: joined, left: left)
            return [.report(.crowd(room: room, members: members, words: words))]
        case .error(let code, let content, let retryAfter):
            let failure = Failure(code: code, words: content, retryAfter: retryAfter)
            if let chore { return failed(chore, failure, at: now) }
            if let number { return failed(number, failure, at: now) }
            return [.show(.system(content))]
        case .reconnect(reason: _, let delay):
            v2.comeBackAt = now + min(max(.zero, .milliseconds(delay)), Timing.pause)
            return []
        }
    }

    private mutating func greeted(with event: V2Event, at now: Duration) -> [ClientEffect] {
        switch event {
        case .welcome(let welcome): return welcomed(welcome, at: now)
        // The close that follows ends it, with these words.
        case .error(code: "username_taken", content: _, retryAfterMilliseconds: _): return []
        case .error(code: _, let content, retryAfterMilliseconds: _): return [.show(.system(content))]
        default: return []
        }
    }

    private mutating func welcomed(_ welcome: V2Welcome, at now: Duration) -> [ClientEffect] {
        var effects: [ClientEffect] = []
        if wasEverOpen {
            v2.recovery = Recovery()
        } else {
            effects = [.show(.status("connected to \(route.address) as \(welcome.username)"))]
        }
        enterOpen(at: now)
        v2.secret = welcome.session
        v2.username = welcome.username
        if v2.limits != welcome.limits { v2.refusedFrameBytes = nil }  // another server, or another version of it
        v2.limits = welcome.limits
        v2.resuming = rooms.confirmed
        v2.toResume = v2.kept
        return effects + [ask(.inbox, at: now), ask(.resume, at: now)] + proceed(at: now)
    }

    /// What follows every answer.
    mutating func proceed(at now: Duration) -> [ClientEffect] {
        pump(at: now) + finishDraining(at: now)
    }

    private mutating func acknowledged(_ ack: V2Ack, number: Int?, at now: Duration) -> [ClientEffect] {
        // What the room or the inbox has shown meanwhile is settled already.
        guard let number, let item = settled(with: number, at: now) else { return [] }
        v2.unavailableSince = nil
        v2.retries[lane(of: item.request)] = nil
        var effects: [ClientEffect] = []
        switch item.request {
        case .say(let content, let room):
            if let sequence = ack.sequence {
                if ack.isDuplicate {
                    // It moves nothing: what is before it in the room may still come.
                    if sequence > v2[room].cursor.last ?? 0 { _ = v2[room].cursor.acceptOwn(sequence) }
                } else {
                    _ = v2[room].cursor.accept(sequence)
                }
            }
            effects = [stored(item, .room(room), content, ack)]
        case .tell(let content, let user):
            let isNew = ack.sequence.map { v2.inbox.acceptOwn($0) } ?? true
            if isNew { effects = [stored(item, .user(user), content, ack)] }
        case .join, .leave, .part, .users, .rooms, .history: break
        }
        return effects + proceed(at: now)
    }

    private func stored(_ item: Outgoing, _ place: Place, _ content: String, _ ack: V2Ack) -> ClientEffect {
        .report(.stored(id: item.id, place, content: content, timestamp: ack.timestamp, sequence: ack.sequence))
    }

    /// The answer to a line came: takes it from the outbox, and notes how long it took.
    mutating func settled(with number: Int, at now: Duration) -> Outgoing? {
        guard let item = outbox.settle(number) else { return nil }
        if let sentAt = item.sentAt { lag = now - sentAt }
        return item
    }
}
