import Wire

/// Reading: enters and resumes rooms, and shows each message once, in its log's order.
extension V2Exchange {
    // MARK: Entering

    /// The server confirmed that the user is in a room.
    mutating func joined(
        _ entered: Entered, _ reference: Reference, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        if reference == .chore(.resume) { return .wait(cameBack(to: entered, &session)) }
        guard let item = settle(reference, &session, at: now) else { return moved(to: entered.room, &session, at: now) }
        lanes.succeeded(.moves)
        let isNew = !session.rooms.contains(entered.room)
        let isStaying = if case .join(_, stay: true) = item.request { true } else { false }
        let left = session.rooms.enter(entered.room, staying: isStaying)
        let effects = [report(entered, isNew: isNew, isReturn: false, session)] + left.map { .report(.left(room: $0)) }
        return .wait(effects + catchUp(with: entered, &session))
    }

    /// A room was entered again by the client itself.
    private mutating func cameBack(to entered: Entered, _ session: inout ClientSession) -> [ClientEffect] {
        lanes.succeeded(.chore(.resume))
        homecoming.turn(to: entered.room)
        if session.rooms.kept.isEmpty { session.rooms.confirm(entered.room) }
        return [report(entered, isNew: true, isReturn: homecoming.isRecovering, session)]
            + catchUp(with: entered, &session)
    }

    private func report(
        _ entered: Entered, isNew: Bool, isReturn: Bool, _ session: ClientSession
    ) -> ClientEffect {
        .report(
            .entered(
                room: entered.room, username: session.v2.username, members: entered.members, isNew: isNew,
                isReturn: isReturn))
    }

    private func catchUp(with entered: Entered, _ session: inout ClientSession) -> [ClientEffect] {
        session.v2.unavailableSince = nil
        if session.rooms.kept.isEmpty { session.v2.rooms.leaveAll(but: entered.room) }
        let isAnew = session.v2.rooms[entered.room].enter(entered.epoch, head: entered.head)
        return isAnew ? [.report(V2Words.begunAnew(entered.room))] : []
    }

    /// The server put the user into a room unasked. Nothing of it is delivered before a `join_room`.
    private mutating func moved(to room: String, _ session: inout ClientSession, at now: Duration) -> Reaction {
        guard room != session.rooms.confirmed, homecoming.room == nil else { return .nothing }
        _ = session.rooms.enter(room, staying: false)
        session.v2.rooms.leaveAll()
        homecoming.turn(to: room)
        return .wait(session.failStranded(in: room) + [ask(.resume, &session, at: now)])
    }

    mutating func left(
        _ room: String, _ reference: Reference, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        let item = settle(reference, &session, at: now)
        session.v2.rooms[room].leave()
        homecoming.skip(room)
        if session.rooms.leave(room) {
            return .proceed([.report(.left(room: room))] + session.failStranded(in: session.rooms.confirmed))
        }
        // The `joined` that follows names the room.
        guard room == session.rooms.confirmed, item == nil else { return .proceed([]) }
        return .wait([.show(.status("you are no longer in the room \(room)"))])
    }

    /// A room cannot be entered again. The client goes on with the others, or the lobby.
    mutating func cannotComeBack(_ words: String, _ session: inout ClientSession, at now: Duration) -> Reaction {
        let room = homecoming.room ?? session.rooms.confirmed
        session.v2.rooms[room].leave()
        let effects: [ClientEffect] = [.show(.status("cannot enter the room \(room): \(words)"))]
        if !session.rooms.kept.isEmpty {
            _ = session.rooms.leave(room)
            let stranded = session.failStranded(in: session.rooms.confirmed)
            return .proceed(effects + [.report(.left(room: room))] + stranded + goOnHome(&session, at: now))
        }
        if room == RoomTracker.lobby {
            let stranded = session.failStranded(in: nil)
            return .proceed(effects + stranded + goOnHome(&session, at: now))
        }
        session.rooms.confirm(RoomTracker.lobby)
        homecoming.turn(to: RoomTracker.lobby)
        let stranded = session.failStranded(in: RoomTracker.lobby)
        return .wait(effects + stranded + [ask(.resume, &session, at: now)])
    }

    /// Enters the next room; after the last one, reports the recovery.
    private mutating func goOnHome(_ session: inout ClientSession, at now: Duration) -> [ClientEffect] {
        if homecoming.goOn() != nil { return [ask(.resume, &session, at: now)] }
        return finishHomecoming()
    }

    private mutating func finishHomecoming() -> [ClientEffect] {
        homecoming.finish().map { [.report(.recovered(words: $0.words))] } ?? []
    }

    // MARK: Rooms

    /// A live message.
    func heard(_ message: V2Message, _ session: inout ClientSession) -> Reaction {
        guard session.v2.rooms[message.room].standing != .away else { return .nothing }
        let shown = show(message, isLive: true, &session)
        return if case .settled = shown { .proceed(shown.effects) } else { .wait(shown.effects) }
    }

    /// A page of missed messages. The last one makes the room live.
    mutating func caughtUp(
        with history: V2History, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        let room = history.room
        guard session.v2.rooms[room].standing != .away else { return .nothing }
        let isAnew = session.v2.rooms[room].begin(history.epoch)
        var effects: [ClientEffect] = isAnew ? [.report(V2Words.begunAnew(room))] : []
        for message in history.messages {
            let shown = show(message, isLive: false, &session)
            if case .new = shown { homecoming.recovered(in: room) }
            effects += shown.effects
        }
        switch session.v2.rooms[room].endPage(more: history.more, truncated: history.truncated) {
        case .unexpected: return .wait(effects + (history.truncated ? [.report(V2Words.mayBeMissing(room))] : []))
        case .more: return .wait(effects)
        case .caughtUp(let catchUp):
            if !catchUp.isResume { effects.append(.report(.hasOlder(room: room, history.more))) }
            effects += isLive(room, isIncomplete: catchUp.isIncomplete, &session, at: now)
            guard session.configuration.hasWindows, !session.outbox.isDraining else { return .proceed(effects) }
            return .proceed(effects + serve(.names(room: room), &session, at: now))
        }
    }

    private mutating func isLive(
        _ room: String, isIncomplete: Bool, _ session: inout ClientSession, at now: Duration
    ) -> [ClientEffect] {
        let gap: [ClientEffect] = isIncomplete ? [.report(V2Words.mayBeMissing(room))] : []
        guard homecoming.room == room else { return gap }
        guard isIncomplete, homecoming.isRecovering else { return goOnHome(&session, at: now) }
        homecoming.isTruncated()
        // Without windows the words about the whole recovery are enough.
        return (session.configuration.hasWindows ? gap : []) + goOnHome(&session, at: now)
    }

    private func show(_ message: V2Message, isLive: Bool, _ session: inout ClientSession) -> Shown {
        let isNew = session.v2.rooms[message.room].cursor.accept(message.sequence)
        if session.v2.isOwn(message.sender), let item = session.outbox.settle(id: message.id) {
            let content = item.request.content ?? message.content
            return .settled(
                .report(
                    .stored(
                        id: item.id, .room(message.room), content: content, timestamp: message.timestamp,
                        sequence: message.sequence)))
        }
        guard isNew else { return .nothing }
        let said = Said(message, isLive: isLive)
        // Live, it comes from another session of the user.
        return .new(.report(isLive && session.v2.isOwn(message.sender) ? .sentElsewhere(said) : .said(said)))
    }

    /// The answer to `/history`.
    func olderPage(_ history: V2History, for item: Outgoing, _ session: inout ClientSession) -> [ClientEffect] {
        let room = history.room
        guard session.v2.rooms[room].cursor.epoch?.hasSameBytes(as: history.epoch) == true else {
            let words = "the messages of \(room) were begun anew; join the room again to see them"
            return [.show(.status(words)), .report(.hasOlder(room: room, false))]
        }
        let words = V2Words.older(history)
        guard let first = history.messages.first else {
            return [.report(.older(room: room, [], more: false, words: words))]
        }
        if case .history(_, before: nil, _) = item.request {
            session.v2.rooms[room].cursor.wentBack(to: first.sequence)
        }
        let messages = history.messages.map { Said($0, isLive: false) }
        return [.report(.older(room: room, messages, more: history.more, words: words))]
    }

    // MARK: The inbox

    /// A page of the inbox. The first one ever only sets the position: its messages were read by earlier clients.
    mutating func read(_ inbox: V2Inbox, _ session: inout ClientSession, at now: Duration) -> Reaction {
        lanes.succeeded(.chore(.inbox))
        let isResume = session.v2.inbox.position != nil
        // If the log does not know the client's position, the latest messages come, and all of them are older than the
        // position.
        let head = inbox.truncated ? inbox.messages.last?.sequence ?? .max : .max
        let isAnew = session.v2.inbox.begin(inbox.epoch, head: head)
        var effects: [ClientEffect] = []
        if isAnew { effects.append(.show(.status("the private messages were begun anew; some may be missing"))) }
        guard isResume else {
            session.v2.inbox.caughtUp(head: inbox.messages.last?.sequence ?? 0)
            return inboxIsReady().after(effects)
        }
        for message in inbox.messages {
            let shown = show(message, &session)
            if case .new = shown { homecoming.recovered(in: nil) }
            effects += shown.effects
        }
        if inbox.truncated, !isAnew {
            if !homecoming.isRecovering { effects.append(.show(.status("some private messages may be missing"))) }
            homecoming.isTruncated()
        }
        if inbox.more, !inbox.messages.isEmpty { return .wait(effects + [ask(.inbox, &session, at: now)]) }
        session.v2.inbox.caughtUp(head: 0)
        return inboxIsReady().after(effects)
    }

    mutating func inboxIsReady() -> Reaction {
        homecoming.inboxIsBack()
        return .proceed(finishHomecoming())
    }

    func show(_ message: V2PrivateMessage, _ session: inout ClientSession) -> Shown {
        guard session.v2.inbox.accept(message.sequence) else { return .nothing }
        guard session.v2.isOwn(message.sender) else {
            return .new(.report(.said(Said(message, with: message.sender))))
        }
        // The sender's own copy shows that the message is stored, and settles it if the server keeps ids. If it does
        // not, the ack comes later and names this sequence.
        let item = session.outbox.settle(id: message.id)
        _ = session.v2.inbox.acceptOwn(message.sequence)
        guard let item else { return .elsewhere(.report(.sentElsewhere(Said(message, with: message.to)))) }
        return .settled(
            .report(
                .stored(
                    id: item.id, .user(message.to), content: message.content, timestamp: message.timestamp,
                    sequence: message.sequence)))
    }
}

/// The fields of a `joined`.
struct Entered: Equatable, Sendable {
    var room: String
    var members: Int
    /// The log's last sequence.
    var head: UInt64
    var epoch: String
}
