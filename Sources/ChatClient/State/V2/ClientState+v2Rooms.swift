import Wire

/// Rooms in `chat.v2`: entering and resuming them, and showing each message once, in the room's order.
extension ClientState {
    /// - Parameters:
    ///   - number: of the line that asked for it.
    ///   - chore: set where the client went back to the room by itself.
    mutating func joined(_ entered: Entered, number: Int?, chore: Chore?, at now: Duration) -> [ClientEffect] {
        let room = entered.room
        let item = number.flatMap { settled(with: $0, at: now) }
        guard item != nil || chore == .resume else { return moved(to: room, at: now) }
        let isNew = room != rooms.confirmed && !v2.kept.contains(room)
        var effects: [ClientEffect] = []
        if chore == .resume {
            v2.retries[.chore(.resume)] = nil
            v2.resuming = room
            if v2.kept.isEmpty { rooms.confirm(room) }
            effects = [report(entered, isNew: true, isReturn: v2.recovery != nil)]
        } else {
            v2.retries[.moves] = nil
            effects = [report(entered, isNew: isNew, isReturn: false)]
            if case .join(_, stay: true)? = item?.request {
                if rooms.confirmed != room { v2.kept.append(rooms.confirmed) }
                v2.kept.removeAll { $0 == room }
            } else {
                effects += (v2.kept + [rooms.confirmed]).filter { $0 != room }.map { .report(.left(room: $0)) }
                v2.kept = []
            }
            rooms.confirm(room)
        }
        v2.unavailableSince = nil
        if v2.kept.isEmpty { v2.leaveAll(but: room) }
        var reading = v2[room]
        reading.isResume = reading.cursor.position != nil
        reading.isTruncated = false
        reading.isAnew = false
        reading.isPaged = reading.isResume
        reading.head = entered.head
        reading.standing = .catchingUp
        v2[room] = reading
        return effects + begin(entered.epoch, of: room, head: entered.head)
    }

    private func report(_ entered: Entered, isNew: Bool, isReturn: Bool) -> ClientEffect {
        .report(
            .entered(
                room: entered.room, username: v2.username, members: entered.members, isNew: isNew, isReturn: isReturn))
    }

    private mutating func begin(_ epoch: String, of room: String, head: UInt64 = .max) -> [ClientEffect] {
        guard v2[room].cursor.begin(epoch, head: head) else { return [] }
        v2[room].isAnew = true
        v2[room].isPaged = false
        let words = "the messages of \(room) were begun anew; some may be missing"
        return [.report(.begunAnew(room: room, words: words))]
    }

    /// The server put us into a room unasked. Nothing of it is heard before we ask.
    private mutating func moved(to room: String, at now: Duration) -> [ClientEffect] {
        guard room != rooms.confirmed, v2.resuming == nil else { return [] }
        rooms.confirm(room)
        v2.leaveAll()
        v2.kept = []
        v2.resuming = room
        return failStranded(in: room) + [ask(.resume, at: now)]
    }

    /// - Parameter number: of the line that asked for it.
    mutating func left(_ room: String, number: Int?, at now: Duration) -> [ClientEffect] {
        let item = number.flatMap { settled(with: $0, at: now) }
        v2[room].standing = .away
        v2.toResume.removeAll { $0 == room }
        if v2.kept.contains(room) {
            v2.kept.removeAll { $0 == room }
        } else if room == rooms.confirmed, let other = v2.kept.popLast() {
            rooms.confirm(other)
        } else {
            // The `joined` that follows says where we are.
            guard room == rooms.confirmed, item == nil else { return proceed(at: now) }
            return [.show(.status("you are no longer in the room \(room)"))]
        }
        return [.report(.left(room: room))] + failStranded(in: rooms.confirmed) + proceed(at: now)
    }

    /// One of several rooms cannot be gone back to: the others can.
    mutating func giveUp(_ room: String, at now: Duration) -> [ClientEffect] {
        if room == rooms.confirmed, let other = v2.kept.popLast() { rooms.confirm(other) }
        v2.kept.removeAll { $0 == room }
        v2.resuming = nil
        return [.report(.left(room: room))] + failStranded(in: rooms.confirmed) + resumeNext(at: now)
            + finishRecovery() + proceed(at: now)
    }

    /// Goes back to the next of several rooms.
    private mutating func resumeNext(at now: Duration) -> [ClientEffect] {
        guard v2.resuming == nil, !v2.toResume.isEmpty else { return [] }
        v2.resuming = v2.toResume.removeFirst()
        return [ask(.resume, at: now)]
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
            let shown = show(message, isLive: false)
            if case .report(.said)? = shown.first, v2.resuming == room { v2.recovery?.messages += 1 }
            effects += shown
        }
        if history.truncated { v2[room].isTruncated = true }
        guard v2[room].standing == .catchingUp else {
            return history.truncated ? effects + [.report(.gap(room: room, words: Self.mayBeMissing(room)))] : effects
        }
        if history.more, v2[room].isPaged { return effects }
        if !v2[room].isResume { effects.append(.report(.hasOlder(room: room, history.more))) }
        v2[room].standing = .live
        v2[room].cursor.caughtUp(head: v2[room].head)
        // A new beginning was told already, and at the first visit something older is always missing.
        let isIncomplete = v2[room].isTruncated && v2[room].isResume && !v2[room].isAnew
        if v2.resuming == room {
            v2.resuming = nil
            if isIncomplete, v2.recovery != nil {
                v2.recovery?.isTruncated = true
                // Without windows the words about the whole recovery are enough.
                if configuration.hasWindows {
                    effects.append(.report(.gap(room: room, words: Self.mayBeMissing(room))))
                }
            }
            effects += resumeNext(at: now) + finishRecovery()
        } else if isIncomplete {
            effects.append(.report(.gap(room: room, words: Self.mayBeMissing(room))))
        }
        return effects + wantNames(of: room, at: now) + proceed(at: now)
    }

    private static func mayBeMissing(_ room: String) -> String { "some messages of \(room) may be missing" }

    private mutating func wantNames(of room: String, at now: Duration) -> [ClientEffect] {
        configuration.hasWindows ? serve(.names(room: room), at: now) : []
    }

    private mutating func show(_ message: V2Message, isLive: Bool = true) -> [ClientEffect] {
        let isNew = v2[message.room].cursor.accept(message.sequence)
        // Anybody can use an id that they have seen, but nobody one's own name.
        if message.sender.hasSameBytes(as: v2.username), let item = outbox.settle(id: message.id) {
            return [
                .report(
                    .stored(
                        id: item.id, .room(message.room), content: item.request.content ?? message.content,
                        timestamp: message.timestamp, sequence: message.sequence))
            ]
        }
        return isNew ? [.report(.said(Said(message, isLive: isLive)))] : []
    }

    /// The answer to `/history`.
    mutating func olderPage(_ history: V2History, for item: Outgoing) -> [ClientEffect] {
        let room = history.room
        guard v2[room].cursor.epoch?.hasSameBytes(as: history.epoch) == true else {
            let words = "the messages of \(room) were begun anew; join the room again to see them"
            return [.show(.status(words)), .report(.hasOlder(room: room, false))]
        }
        guard let first = history.messages.first else {
            return [
                .report(
                    .older(room: room, [], more: false, words: "there are no older messages in \(room)"))
            ]
        }
        if case .history(_, before: nil, _) = item.request { v2[room].cursor.wentBack(to: first.sequence) }
        let count = history.messages.count
        let title = "\(count == 1 ? "1 older message" : "\(count) older messages") in \(room)"
        let words = history.more ? title : title + "; there is nothing before them"
        return [
            .report(
                .older(room: room, history.messages.map { Said($0, isLive: false) }, more: history.more, words: words))
        ]
    }

    /// Says that everything is as before, once both the room and the inbox have been read on.
    mutating func finishRecovery() -> [ClientEffect] {
        guard let recovery = v2.recovery, v2.resuming == nil, v2.toResume.isEmpty, v2.inboxStanding == .ready else {
            return []
        }
        v2.recovery = nil
        var words = "reconnected"
        if recovery.messages > 0 {
            words += ", \(recovery.messages == 1 ? "1 message" : "\(recovery.messages) messages") recovered"
        }
        if recovery.isTruncated { words += "; some may be missing" }
        return [.report(.recovered(words: words))]
    }

    /// Lines for a room that was not entered after all must not be said in another.
    /// - Parameter room: where the user is; `nil` for nowhere.
    mutating func failStranded(in room: String?) -> [ClientEffect] {
        let stranded = outbox.removeBeforeNextMove { item in
            switch item.request {
            case .say(_, room: let meant), .history(room: let meant, before: _, count: _):
                meant != room && !v2.kept.contains(meant)
            default: false
            }
        }
        return stranded.flatMap { fail($0, because: room.map { "you are in the room \($0)" } ?? "you are in no room") }
    }
}

/// What a `joined` says.
struct Entered: Equatable, Sendable {
    var room: String
    var members: Int
    /// The log's newest place.
    var head: UInt64
    var epoch: String
}
