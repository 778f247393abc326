import NIOCore
import Transport
import Wire

/// `chat.v2` on one connection: every line is settled by an answer, and every message is shown once.
///
/// This file dispatches the server's events; `V2Exchange+reading` reads, `V2Exchange+sending` sends.
struct V2Exchange: Exchange {
    /// What a reply answers.
    enum Reference: Equatable, Sendable {
        case nothing
        /// The line with this number.
        case line(Int)
        case chore(Chore)
        /// The token that was presented last.
        case authentication

        init(_ ref: String?) {
            if ref == TokenRenewal.reference {
                self = .authentication
            } else if let chore = ref.flatMap(Chore.init(rawValue:)) {
                self = .chore(chore)
            } else {
                self = ref.flatMap { Int($0) }.map(Reference.line) ?? .nothing
            }
        }
    }

    let attempt: Attempt
    /// Returns random numbers in 0..<1.
    let random: @Sendable () -> Double
    var homecoming: Homecoming
    var chores = Chores()
    var lanes = Lanes()
    var renewal = TokenRenewal()
    /// When the server asked the client to come back.
    private var comeBackAt: Duration?

    init(_ arrival: Arrival, _ rooms: RoomTracker) {
        attempt = arrival.attempt
        random = arrival.random
        homecoming = Homecoming(to: rooms.confirmed, then: rooms.kept, isReturn: arrival.isReturn)
    }

    /// The requests with which every connection begins.
    mutating func begin(_ session: inout ClientSession, at now: Duration) -> [ClientEffect] {
        [ask(.inbox, &session, at: now), ask(.resume, &session, at: now)]
    }

    // MARK: The server speaks

    mutating func received(_ text: ByteBuffer, _ session: inout ClientSession, at now: Duration) -> Reaction? {
        guard let frame = try? V2Frame(json: text.readableBytesView) else { return nil }
        let reference = Reference(frame.ref)
        if case .chore(let chore) = reference, let sentAt = chores.answered(chore) { session.v2.lag = now - sentAt }
        return told(frame.event, reference, &session, at: now)
            ?? answered(frame.event, reference, &session, at: now)
    }

    /// Handles events that are not replies.
    /// - Returns: `nil` for a reply, and for an event that this client does not know.
    private mutating func told(
        _ event: V2Event, _ reference: Reference, _ session: inout ClientSession, at now: Duration
    ) -> Reaction? {
        switch event {
        case .welcome: return .nothing
        case .typing(let room, let username, let isTyping):
            guard session.configuration.hasWindows else { return .nothing }
            return .wait([.report(.typing(room: room, username: username, isTyping: isTyping))])
        case .chatMessage(let message): return heard(message, &session)
        case .privateMessage(let message): return .wait(show(message, &session).effects)
        case .gap(let room, after: _, before: _):
            return .wait([.report(.gap(room: room, words: "some messages in \(room) are gone for good"))])
        case .userJoined(let room, let username, let members, timestamp: _):
            // The user's own entry is reported by the `joined`.
            if username == session.v2.username { return .nothing }
            return .wait([.report(.came(username: username, room: room, members: members))])
        case .userLeft(let room, let username, let members, timestamp: _):
            if username == session.v2.username { return .nothing }
            return .wait([.report(.went(username: username, room: room, members: members))])
        case .roomMembers(let room, let members, joined: 0, left: 0, timestamp: _):
            return .wait([.report(.members(room: room, count: members))])
        case .roomMembers(let room, let members, let joined, let left, timestamp: _):
            let words = ClassicEvent.crowd(in: room, members: members, joined: joined, left: left)
            return .wait([.report(.crowd(room: room, members: members, words: words))])
        case .announcement(let content, timestamp: _): return .wait([.show(.system(content))])
        case .reconnect(reason: _, let delay):
            comeBackAt = now + min(max(.zero, .milliseconds(delay)), Timing.pause)
            return .nothing
        default: return nil  // an answer, or an event of which this client shows nothing
        }
    }

    private mutating func answered(
        _ event: V2Event, _ reference: Reference, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        switch event {
        case .ack(let ack): return acknowledged(ack, reference, &session, at: now)
        case .joined(let room, let members, let lastSequence, let epoch):
            let entered = Entered(room: room, members: members, head: lastSequence, epoch: epoch)
            return joined(entered, reference, &session, at: now)
        case .left(let room): return left(room, reference, &session, at: now)
        case .history(let history):
            guard let item = settle(reference, &session, at: now) else {
                return caughtUp(with: history, &session, at: now)
            }
            return .proceed(olderPage(history, for: item, &session))
        case .inbox(let inbox): return read(inbox, &session, at: now)
        case .userList, .roomList: return listed(event, reference, &session, at: now)
        case .authenticated:
            guard reference == .authentication else { return .nothing }
            if let took = renewal.accepted(at: now) { session.v2.lag = took }
            return .wait([.show(.status("the server has accepted the new token"))])
        case .error(let code, let content, let retryAfter):
            let failure = Failure(code: code, words: content, retryAfter: retryAfter)
            switch reference {
            case .nothing where code == "token_expired":
                return .wait(renewal.tokenExpired(session.configuration.credential, on: attempt))
            case .nothing: return .wait([.show(.system(content))])
            case .authentication: return .wait(renewal.refused(failure, at: now))
            case .line(let number): return failed(number, failure, &session, at: now)
            case .chore(let chore): return failed(chore, failure, &session, at: now)
            }
        default: return .nothing  // an event of which this client shows nothing
        }
    }

    // MARK: Lists

    private mutating func listed(
        _ event: V2Event, _ reference: Reference, _ session: inout ClientSession, at now: Duration
    ) -> Reaction {
        if case .chore = reference { return .wait(named(event, &session, at: now)) }
        let request = settle(reference, &session, at: now)?.request
        return .proceed(V2Words.list(event, answering: request).map { [.show(.system($0))] } ?? [])
    }

    /// Takes a list that the client itself asked for.
    private mutating func named(
        _ event: V2Event, _ session: inout ClientSession, at now: Duration
    ) -> [ClientEffect] {
        switch event {
        case .userList(let room, let users, more: _, total: _):
            let next = chores.namesCame() ? [ask(.names, &session, at: now)] : []
            return (room.map { [.report(.names(room: $0, users))] } ?? []) + next
        case .roomList(let rooms, more: _, total: _): return [.report(.roomNames(rooms.map(\.name)))]
        default: return []
        }
    }

    mutating func serve(_ ask: Ask, _ session: inout ClientSession, at now: Duration) -> [ClientEffect] {
        switch ask {
        case .typing(let room, let isTyping):
            guard session.v2.rooms[room].isLive, !session.outbox.pacing.isPaused else { return [] }
            return [.send(attempt, number: nil, .v2(V2Request(.typing(isTyping: isTyping, room: room))))]
        case .names(let room): return chores.wantNames(of: room) ? [self.ask(.names, &session, at: now)] : []
        case .roomNames: return chores.isUnderWay(.roomNames) ? [] : [self.ask(.roomNames, &session, at: now)]
        case .say, .join, .leave, .older, .reconnect: return []  // these are lines, or concern the connection
        }
    }

    // MARK: Time, and the end

    /// False: a question stays in the outbox until its answer.
    mutating func awaitsAnswers(at now: Duration) -> Bool { false }

    func unansweredSince(_ session: ClientSession) -> Duration? {
        [session.outbox.oldestSentAt, chores.oldestSentAt, renewal.sentAt].compactMap(\.self).min()
    }

    func deadline(_ session: ClientSession) -> Duration? {
        var deadlines = [
            lanes.deadline, comeBackAt, renewal.deadline, unansweredSince(session).map { $0 + Timing.reply },
        ]
        if session.configuration.isInteractive {
            deadlines.append(session.outbox.oldestNotShown.map { $0 + Timing.pending })
        }
        return deadlines.compactMap(\.self).min()
    }

    mutating func tick(_ session: inout ClientSession, at now: Duration) -> Reaction {
        // Dropped without a close frame, because a proper close would end the session.
        if let comeBackAt, comeBackAt <= now { return .drop(.lost("")) }
        if let oldest = unansweredSince(session), oldest + Timing.reply <= now {
            return .drop(.lost("the server does not answer"))
        }
        var effects: [ClientEffect] = []
        for lane in lanes.due(at: now) {
            if case .chore(let chore) = lane {
                effects.append(ask(chore, &session, at: now))
            } else {
                lanes.tryAgain(lane)
            }
        }
        if session.configuration.isInteractive {
            let shown = session.outbox.showWaiting(sentUntil: now - Timing.pending)
            effects += shown.map { .report(.slow(line: $0.line)) }
        }
        return .proceed(effects + renewal.tick(at: now))
    }

    mutating func looked(_ news: TokenNews, _ session: inout ClientSession, at now: Duration) -> Reaction {
        .wait(renewal.looked(news, session.configuration.credential, at: now))
    }

    func ended(_ session: inout ClientSession) -> Duration? {
        session.outbox.connectionEnded(isUncertain: true)
        session.rooms.refuse()  // the line that asked for the room is sent again
        session.v2.rooms.leaveAll()
        return comeBackAt
    }
}
