import Wire

/// Rooms in `chat.v2`: entering and resuming them, and showing each message once, in the room's order.
extension ClientState {
    /// - Parameters:
    ///   - number: of the line that asked for it.
    ///   - chore: set where the client went back to the room by itself.
    mutating func joined(
        _ room: String, head: UInt64, epoch: String, number: Int?, chore: Chore?, at now: Duration
    ) -> [ClientEffect] {
        let item = number.flatMap { outbox.settle($0) }
        guard item != nil || chore == .resume else { return moved(to: room, at: now) }
        var effects: [ClientEffect] = []
        let isChange = room != rooms.confirmed
        if chore == .resume {
            v2.retries[.chore(.resume)] = nil
            v2.resuming = room
            if v2.recovery == nil { effects.append(.show(.system("\(v2.username) joined the room \(room)"))) }
        } else {
            v2.retries[.moves] = nil
            let words =
                isChange
                ? Output.system("\(v2.username) joined the room \(room)") : .status("you are in the room \(room)")
            effects.append(.show(words))
        }
        v2.unavailableSince = nil
        rooms.confirm(room)
        v2.leaveAll(but: room)
        var reading = v2[room]
        reading.isResume = reading.cursor.position != nil
        reading.isTruncated = false
        reading.isAnew = false
        reading.isPaged = reading.isResume
        reading.head = head
        reading.standing = .catchingUp
        v2[room] = reading
        return effects + begin(epoch, of: room, head: head)
    }

    private mutating func begin(_ epoch: String, of room: String, head: UInt64 = .max) -> [ClientEffect] {
        guard v2[room].cursor.begin(epoch, head: head) else { return [] }
        v2[room].isAnew = true
        v2[room].isPaged = false
        return [.show(.status("the messages of \(room) were begun anew; some may be missing"))]
    }

    /// The server put us into a room unasked. Nothing of it is heard before we ask.
    private mutating func moved(to room: String, at now: Duration) -> [ClientEffect] {
        guard room != rooms.confirmed, v2.resuming == nil else { return [] }
        rooms.confirm(room)
        v2.leaveAll()
        v2.resuming = room
        return failStranded(in: room) + [ask(.resume, at: now)]
    }

    mutating func left(_ room: String, at now: Duration) -> [ClientEffect] {
        guard room == rooms.confirmed else { return [] }
        // The `joined` that follows says where we are.
        v2[room].standing = .away
        return [.show(.status("you are no longer in the room \(room)"))]
    }

    // MARK: Messages

    /// A live message.
    mutating func heard(_ message: V2Message, at now: Duration) -> [ClientEffect] {
        guard v2[message.room].standing != .away else { return [] }
        let settled = outbox.count
        let effects = show(message)
        return effects + (outbox.count < settled ? proceed(at: now) : [])
    }

    /// A part of what was missed. The last part makes the room live.
    mutating func resumed(with history: V2History, at now: Duration) -> [ClientEffect] {
        let room = history.room
        guard v2[room].standing != .away else { return [] }
        var effects = begin(history.epoch, of: room)
        for message in history.messages {
            let shown = show(message)
            if case .show(.message)? = shown.first, v2.resuming == room { v2.recovery?.messages += 1 }
            effects += shown
        }
        if history.truncated { v2[room].isTruncated = true }
        guard v2[room].standing == .catchingUp else {
            return history.truncated ? effects + [.show(.status("some messages of \(room) may be missing"))] : effects
        }
        if history.more, v2[room].isPaged { return effects }
        v2[room].standing = .live
        v2[room].cursor.caughtUp(head: v2[room].head)
        // A new beginning was told already, and at the first visit something older is always missing.
        let isIncomplete = v2[room].isTruncated && v2[room].isResume && !v2[room].isAnew
        if v2.resuming == room {
            v2.resuming = nil
            if isIncomplete { v2.recovery?.isTruncated = true }
            effects += finishRecovery()
        } else if isIncomplete {
            effects.append(.show(.status("some messages of \(room) may be missing")))
        }
        return effects + proceed(at: now)
    }

    private mutating func show(_ message: V2Message) -> [ClientEffect] {
        let isNew = v2[message.room].cursor.accept(message.sequence)
        // Anybody can use an id that they have seen, but nobody one's own name.
        if message.sender == v2.username, let item = outbox.settle(id: message.id) {
            return [.show(.sent(room: message.room, content: item.request.content ?? message.content))]
        }
        return isNew ? [.show(output(of: message))] : []
    }

    private func output(of message: V2Message) -> Output {
        .message(
            timestamp: ShownTime.text(message.timestamp), room: message.room, sender: message.sender,
            content: message.content)
    }

    /// The answer to `/history`.
    mutating func olderPage(_ history: V2History, for item: Outgoing) -> [ClientEffect] {
        let room = history.room
        guard v2[room].cursor.epoch == history.epoch else {
            return [.show(.status("the messages of \(room) were begun anew; join the room again to see them"))]
        }
        guard let first = history.messages.first else {
            return [.show(.status("there are no older messages in \(room)"))]
        }
        v2[room].cursor.wentBack(to: first.sequence)
        let count = history.messages.count
        let title = "\(count == 1 ? "1 older message" : "\(count) older messages") in \(room)"
        return [.show(.status(history.more ? title : title + "; there is nothing before them"))]
            + history.messages.map { .show(output(of: $0)) }
    }

    /// Says that everything is as before, once both the room and the inbox have been read on.
    mutating func finishRecovery() -> [ClientEffect] {
        guard let recovery = v2.recovery, v2.resuming == nil, v2.inboxStanding == .ready else { return [] }
        v2.recovery = nil
        var words = "reconnected"
        if recovery.messages > 0 {
            words += ", \(recovery.messages == 1 ? "1 message" : "\(recovery.messages) messages") recovered"
        }
        if recovery.isTruncated { words += "; some may be missing" }
        return [.show(.status(words))]
    }

    /// Lines for a room that was not entered after all must not be said in another.
    /// - Parameter room: where the user is; `nil` for nowhere.
    mutating func failStranded(in room: String?) -> [ClientEffect] {
        let stranded = outbox.removeBeforeNextMove { item in
            switch item.request {
            case .say(_, room: let meant), .history(room: let meant, count: _): meant != room
            default: false
            }
        }
        return stranded.flatMap { fail($0, because: room.map { "you are in the room \($0)" } ?? "you are in no room") }
    }
}

extension Request {
    fileprivate var content: String? {
        switch self {
        case .say(let content, room: _), .tell(let content, to: _): content
        case .join, .leave, .users, .rooms, .history: nil
        }
    }
}
