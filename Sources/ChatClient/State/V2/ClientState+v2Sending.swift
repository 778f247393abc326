import Wire

/// What the server said instead of doing what was asked.
struct Failure: Equatable, Sendable {
    var code: String
    var words: String
    /// In milliseconds.
    var retryAfter: Int?
}

/// Sending in `chat.v2`: one line at a time per lane, and what becomes of it when the server fails.
extension ClientState {
    func lane(of request: Request) -> Lane {
        switch request {
        case .say(_, let room): .room(room)
        case .tell: .privateMessages
        case .join, .leave, .part: .moves
        case .users, .rooms, .history: .questions
        }
    }

    mutating func pumpV2(at now: Duration) -> [ClientEffect] {
        var effects: [ClientEffect] = []
        while pausedUntil == nil, let index = nextToSend, let (number, item) = outbox.take(at: index, now) {
            let request = V2Request(command(for: item), ref: String(number))
            if let words = tooLong(item, as: request) {
                _ = outbox.settle(number)
                effects += fail(item, because: words)
                continue
            }
            effects.append(.send(attempt, number: nil, .v2(request)))
            if let room = item.request.destination {
                rooms.ask(for: room)
                v2[room].standing = .entering
            }
            if let pace, item.request.isMessage { pausedUntil = now + pace }
        }
        return effects
    }

    /// The first line that may go out: its lane is free, and it overtakes nothing that it depends on. A change of room
    /// waits for what is to be said before it, and everything about rooms waits for a change of room before it.
    private var nextToSend: Int? {
        var busy = Set(outbox.inFlight.map { lane(of: $0.item.request) })
        for (lane, retry) in v2.retries where retry.at != nil { busy.insert(lane) }
        var isSaying = outbox.inFlight.contains { if case .say = $0.item.request { true } else { false } }
        var isMoving = outbox.inFlight.contains { $0.item.request.isMove }
        for (index, item) in outbox.waiting.enumerated() {
            let lane = lane(of: item.request)
            let isFree = !busy.contains(lane)
            switch item.request {
            case .say(_, let room):
                if isFree, !isMoving, v2[room].standing == .live { return index }
                isSaying = true
            case .tell:
                if isFree, v2.inboxStanding == .ready { return index }
            case .join, .leave, .part:
                if isFree, !isMoving, !isSaying, v2.resuming == nil { return index }
                isMoving = true
            case .users, .rooms:
                if isFree, !isMoving { return index }
            case .history(let room, before: _, count: _):
                if isFree, !isMoving, v2[room].standing == .live { return index }
            }
            busy.insert(lane)
        }
        return nil
    }

    func command(for item: Outgoing) -> V2Command {
        switch item.request {
        case .say(let content, let room): .chatMessage(content: content, room: room, id: item.id)
        case .tell(let content, let user): .privateMessage(to: user, content: content, id: item.id)
        case .join(let room, let stay): join(room, stay: stay)
        case .part(let room): .leaveRoom(room)
        // Not `leave_room`: after that one would have to join as well, to hear anything.
        case .leave: join(RoomTracker.lobby)
        case .users(let room, let after): .listUsers(room: room, V2ListRange(after: after))
        case .rooms(let after): .listRooms(V2ListRange(after: after))
        case .history(let room, let before, let count):
            .history(room: room, .before(before ?? v2[room].cursor.before), limit: count)
        }
    }

    private func join(_ room: String, stay: Bool = false) -> V2Command {
        let position = v2[room].cursor.position
        let history = position == nil ? configuration.history : nil
        return .joinRoom(V2Join(room: room, resume: position, history: history, stay: stay))
    }

    /// Sends one of the client's own requests.
    mutating func ask(_ chore: Chore, at now: Duration) -> ClientEffect {
        v2.asked[chore] = now
        v2.retries[.chore(chore)]?.at = nil
        let command: V2Command
        switch chore {
        case .resume:
            let room = v2.resuming ?? rooms.confirmed
            v2[room].standing = .entering
            command = join(room, stay: !v2.kept.isEmpty)
        case .inbox:
            v2.inboxStanding = .asked
            command = .inbox(resume: v2.inbox.position, limit: 50)
        case .names: command = .listUsers(room: v2.namesWanted.first)
        case .roomNames: command = .listRooms()
        }
        return .send(attempt, number: nil, .v2(V2Request(command, ref: chore.rawValue)))
    }

    // MARK: Failing

    /// A line of the user's was refused.
    mutating func failed(_ number: Int, _ failure: Failure, at now: Duration) -> [ClientEffect] {
        guard let item = outbox.item(number) else { return [] }
        switch failure.code {
        case "rate_limited":
            outbox.putBack(number, isUncertain: false)
            return [.show(.status(pause(for: failure, at: now)))]
        case "unavailable" where item.request.isMessage || item.request.destination != nil:
            outbox.putBack(number, isUncertain: item.request.isMessage)
            return retry(lane(of: item.request), failure, at: now)
        default:
            _ = outbox.settle(number)
            v2.retries[lane(of: item.request)] = nil
            if let room = item.request.destination {
                rooms.refuse()
                v2[room].standing = room == rooms.confirmed || v2.kept.contains(room) ? .live : .away
            }
            var effects = fail(item, because: failure.words.isEmpty ? failure.code : failure.words)
            if item.request.destination != nil { effects += failStranded(in: rooms.confirmed) }
            return effects + proceed(at: now)
        }
    }

    /// One of the client's own requests was refused.
    mutating func failed(_ chore: Chore, _ failure: Failure, at now: Duration) -> [ClientEffect] {
        switch (failure.code, chore) {
        case (_, .names):
            v2.namesWanted = []
            return []
        case (_, .roomNames): return []
        case ("rate_limited", _):
            v2.retries[.chore(chore), default: Retry()].at = now + wait(for: failure)
            return []
        case ("unavailable", _): return retry(.chore(chore), failure, at: now)
        case (_, .inbox): return inboxIsReady(at: now)  // a server without private messages
        case (_, .resume):
            let room = v2.resuming ?? rooms.confirmed
            v2[room].standing = .away
            let effects: [ClientEffect] = [.show(.status("cannot enter the room \(room): \(failure.words)"))]
            if !v2.kept.isEmpty { return effects + giveUp(room, at: now) }
            if room == RoomTracker.lobby {
                v2.resuming = nil
                return effects + failStranded(in: nil) + finishRecovery() + proceed(at: now)
            }
            rooms.confirm(RoomTracker.lobby)
            v2.resuming = RoomTracker.lobby
            return effects + failStranded(in: RoomTracker.lobby) + [ask(.resume, at: now)]
        }
    }

    private mutating func retry(_ lane: Lane, _ failure: Failure, at now: Duration) -> [ClientEffect] {
        var retry = v2.retries[lane] ?? Retry()
        let delay = max(
            retry.backoff.next(random: random(), most: Timing.unavailable), wait(for: failure, default: .zero))
        retry.at = now + delay
        v2.retries[lane] = retry
        guard let since = v2.unavailableSince else {
            v2.unavailableSince = now
            let words = failure.words.isEmpty ? "" : " (\(failure.words))"
            return [.show(.status("the server cannot do it now, trying again until it can\(words)"))]
        }
        if configuration.isInteractive || configuration.isPersistent { return [] }
        if now - since <= configuration.patience ?? Timing.outage { return [] }
        hasDropped = true
        return [.show(.status("the server could not store messages for too long; giving up"))]
            + end(.incomplete, at: now)
    }

    /// - Returns: what to tell the user.
    private mutating func pause(for failure: Failure, at now: Duration) -> String {
        let wait = wait(for: failure)
        pausedUntil = now + wait
        if v2.limits.messagesPerWindow > 0 {
            // A tenth more, since the network does not keep distances.
            let window = Duration.seconds(max(0, min(v2.limits.windowSeconds, 3600)))
            pace = min(window * 11 / (min(v2.limits.messagesPerWindow, 1_000_000) * 10), Timing.pause)
        }
        return "too many messages at once; sending again in \(Self.seconds(wait))"
    }

    private func wait(for failure: Failure, default: Duration = .seconds(1)) -> Duration {
        failure.retryAfter.map { min(max(.zero, .milliseconds($0)), Timing.pause) } ?? `default`
    }
}
