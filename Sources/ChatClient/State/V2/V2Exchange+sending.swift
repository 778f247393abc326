import Wire

/// An error with which the server answered a request.
struct Failure: Equatable, Sendable {
    var code: String
    var words: String
    /// In milliseconds.
    var retryAfter: Int?

    /// How long the server asks the client to wait; `default` if it does not say.
    func delay(default: Duration) -> Duration {
        retryAfter.map { min(max(.zero, .milliseconds($0)), Timing.pause) } ?? `default`
    }
}

/// Sending: one line at a time per lane, and retries when the server fails.
extension V2Exchange {
    mutating func pump(_ session: inout ClientSession, at now: Duration) -> [ClientEffect] {
        var effects: [ClientEffect] = []
        while !session.outbox.pacing.isPaused,
            let index = lanes.next(of: session.outbox, in: session.v2.rooms, after: homecoming),
            let (number, item) = session.outbox.take(at: index, now)
        {
            let request = request(for: item, number, session)
            if let words = session.v2.limits.excess(of: item, as: request) {
                _ = session.outbox.settle(number)
                effects.append(session.fail(item, because: words))
                continue
            }
            effects.append(.send(attempt, number: nil, .v2(request)))
            if let room = item.request.destination {
                session.rooms.ask(for: room)
                session.v2.rooms[room].ask()
            }
            if item.request.isMessage { session.outbox.pacing.sent(at: now) }
        }
        return effects
    }

    private func request(for item: Outgoing, _ number: Int, _ session: ClientSession) -> V2Request {
        let command = item.request.v2(id: item.id, session.v2.rooms, history: session.configuration.history)
        return V2Request(command, ref: String(number))
    }

    /// Sends one of the client's own requests.
    mutating func ask(_ chore: Chore, _ session: inout ClientSession, at now: Duration) -> ClientEffect {
        chores.begin(chore, at: now)
        lanes.tryAgain(.chore(chore))
        let command: V2Command
        switch chore {
        case .resume:
            let room = homecoming.room ?? session.rooms.confirmed
            session.v2.rooms[room].ask()
            let isStaying = !session.rooms.kept.isEmpty
            command = session.v2.rooms.join(room, history: session.configuration.history, stay: isStaying)
        case .inbox: command = .inbox(resume: session.v2.inbox.position, limit: 50)
        case .names: command = .listUsers(room: chores.room)
        case .roomNames: command = .listRooms()
        }
        return .send(attempt, number: nil, .v2(V2Request(command, ref: chore.rawValue)))
    }

    /// Does nothing: in this dialect only answers settle a line.
    mutating func passedOn(_ number: Int, _ session: inout ClientSession, at now: Duration) -> Reaction { .nothing }

    // MARK: Answers

    /// Removes an answered line from the outbox, and measures how long the answer took.
    func settle(_ reference: Reference, _ session: inout ClientSession, at now: Duration) -> Outgoing? {
        guard case .line(let number) = reference, let item = session.outbox.settle(number) else { return nil }
        if let sentAt = item.sentAt { session.v2.lag = now - sentAt }
        return item
    }

    mutating func acknowledged(
        _ ack: V2Ack, _ reference: Reference, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        // A message that the room or the inbox has shown meanwhile is settled already.
        guard let item = settle(reference, &session, at: now) else { return .nothing }
        session.v2.unavailableSince = nil
        lanes.succeeded(item.request.lane)
        switch item.request {
        case .say(let content, let room):
            if let sequence = ack.sequence {
                place(sequence, isDuplicate: ack.isDuplicate, in: &session.v2.rooms[room].cursor)
            }
            return .proceed([stored(item, .room(room), content, ack)])
        case .tell(let content, let user):
            let isNew = ack.sequence.map { session.v2.inbox.acceptOwn($0) } ?? true
            return .proceed(isNew ? [stored(item, .user(user), content, ack)] : [])
        case .join, .leave, .part, .users, .rooms, .history: return .proceed([])
        }
    }

    private func place(_ sequence: UInt64, isDuplicate: Bool, in cursor: inout Cursor) {
        if !isDuplicate {
            _ = cursor.accept(sequence)
        } else if sequence > cursor.last ?? 0 {
            // A duplicate ack moves no position, because messages before it may still come.
            _ = cursor.acceptOwn(sequence)
        }
    }

    private func stored(_ item: Outgoing, _ place: Place, _ content: String, _ ack: V2Ack) -> ClientEffect {
        .report(.stored(id: item.id, place, content: content, timestamp: ack.timestamp, sequence: ack.sequence))
    }

    // MARK: Failing

    /// A line of the user was refused.
    mutating func failed(
        _ number: Int, _ failure: Failure, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        guard let request = session.outbox.item(number)?.request else { return .nothing }
        switch failure.code {
        case "rate_limited":
            session.outbox.putBack(number, isUncertain: false)
            return .wait([.show(.status(pause(for: failure, &session, at: now)))])
        case "unavailable" where request.isMessage || request.destination != nil:
            session.outbox.putBack(number, isUncertain: request.isMessage)
            return retry(request.lane, failure, &session, at: now)
        default: return .proceed(refused(number, failure, &session))
        }
    }

    private mutating func refused(
        _ number: Int, _ failure: Failure, _ session: inout ClientSession
    ) -> [ClientEffect] {
        guard let item = session.outbox.settle(number) else { return [] }
        lanes.succeeded(item.request.lane)
        let words = failure.words.isEmpty ? failure.code : failure.words
        guard let room = item.request.destination else { return [session.fail(item, because: words)] }
        session.rooms.refuse()
        session.v2.rooms[room].stay(session.rooms.contains(room))
        return [session.fail(item, because: words)] + session.failStranded(in: session.rooms.confirmed)
    }

    /// One of the client's own requests was refused.
    mutating func failed(
        _ chore: Chore, _ failure: Failure, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        switch (failure.code, chore) {
        case (_, .names):
            chores.dropNames()
            return .nothing
        case (_, .roomNames): return .nothing
        case ("rate_limited", _):
            lanes.hold(.chore(chore), until: now + failure.delay(default: .seconds(1)))
            return .nothing
        case ("unavailable", _): return retry(.chore(chore), failure, &session, at: now)
        case (_, .inbox): return inboxIsReady()  // the server has no private messages
        case (_, .resume): return cannotComeBack(failure.words, &session, at: now)
        }
    }

    private mutating func retry(
        _ lane: Lane, _ failure: Failure, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        lanes.hold(lane, atLeast: failure.delay(default: .zero), random: random(), at: now)
        guard let since = session.v2.unavailableSince else {
            session.v2.unavailableSince = now
            let words = failure.words.isEmpty ? "" : " (\(failure.words))"
            return .wait([.show(.status("the server cannot do it now, trying again until it can\(words)"))])
        }
        guard case .limited(let most) = session.configuration.patienceLimit,
            now - since > most ?? Timing.outage
        else { return .nothing }
        session.outbox.noteLoss()
        return .end([.show(.status("the server could not store messages for too long; giving up"))], .incomplete)
    }

    /// - Returns: the words for the user.
    private func pause(for failure: Failure, _ session: inout ClientSession, at now: Duration) -> String {
        let wait = failure.delay(default: .seconds(1))
        session.outbox.pacing.pause(until: now + wait)
        let limits = session.v2.limits.limits
        if limits.messagesPerWindow > 0 {
            session.outbox.pacing.keep(Pacing.interval(for: limits.messagesPerWindow, in: limits.windowSeconds))
        }
        return "too many messages at once; sending again in \(wait.inSeconds)"
    }

    /// The server does not say which frame was too large; it must have been the largest.
    mutating func frameWasTooLarge(_ session: inout ClientSession) -> [ClientEffect] {
        let sizes = session.outbox.inFlight.map { number, item in
            (number: number, bytes: request(for: item, number, session).json.count)
        }
        guard let largest = sizes.max(by: { $0.bytes < $1.bytes }),
            let item = session.outbox.settle(largest.number)
        else { return [] }
        session.v2.limits.refused(largest.bytes)
        let effect = session.fail(item, because: FrameLimits.words(for: largest.bytes))
        return item.request.isMove ? [effect] + session.failStranded(in: session.rooms.confirmed) : [effect]
    }
}
