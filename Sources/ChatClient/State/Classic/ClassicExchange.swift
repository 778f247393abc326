import NIOCore
import Transport
import Wire

/// The classic dialect on one connection. A line is settled when the operating system has it, because most lines get no
/// answer. The server reports errors as notices in words that name no line.
struct ClassicExchange: Exchange {
    /// Questions whose answers have not come.
    private enum Questions: Equatable, Sendable {
        case none
        case open(Int)
        /// The client is about to end, and waits for the answers until then.
        case last(Int, until: Duration)
    }

    private let attempt: Attempt
    private var questions = Questions.none
    /// The size of the largest frame that the operating system took, in bytes.
    private var largestPassedOn = 0

    init(_ attempt: Attempt) { self.attempt = attempt }

    // MARK: The server speaks

    mutating func received(_ text: ByteBuffer, _ session: inout ClientSession, at now: Duration) -> Reaction? {
        guard let event = try? ClassicEvent(json: text.readableBytesView) else { return nil }
        switch event {
        case .chatMessage(let sender, let content, let timestamp, let room):
            let said = Said(place: .room(room), sender: sender, content: content, timestamp: timestamp)
            return .wait([.report(.said(said))])
        case .system(let content): return noticed(content, &session, at: now)
        }
    }

    private mutating func noticed(_ notice: String, _ session: inout ClientSession, at now: Duration) -> Reaction {
        let before = session.rooms.confirmed
        let isEntry = session.rooms.hear(notice)
        heedRefusal(in: notice, &session.outbox, at: now)
        if RoomTracker.isList(notice) { answerCame() }
        guard isEntry, session.configuration.hasWindows else { return .proceed([.show(.system(notice))]) }
        return .proceed(entered(session.rooms.confirmed, from: before, as: session.rooms.username))
    }

    /// The user entered a room. In this dialect that means leaving every other room.
    private func entered(_ room: String, from before: String, as username: String) -> [ClientEffect] {
        let entry = Happening.entered(room: room, username: username, members: 0, isNew: true, isReturn: false)
        return [.report(entry)] + (before == room ? [] : [.report(.left(room: before))])
    }

    /// Slows down after a refusal. The dialect does not say which line was refused, so none can be sent again.
    private func heedRefusal(in notice: String, _ outbox: inout Outbox, at now: Duration) {
        if ClassicNotice.isRefusal(notice) { outbox.noteLoss() }
        if let pace = ClassicNotice.pace(statedBy: notice) { outbox.pacing.keep(pace) }
        if let wait = ClassicNotice.pause(askedBy: notice) { outbox.pacing.pause(until: now + wait) }
    }

    // MARK: Lines

    mutating func pump(_ session: inout ClientSession, at now: Duration) -> [ClientEffect] {
        var effects: [ClientEffect] = []
        while let (number, item) = session.outbox.take(now) {
            guard let command = item.request.classic else {
                _ = session.outbox.settle(number)
                effects.append(session.fail(item, because: "this server does not support it"))
                continue
            }
            effects.append(.send(attempt, number: number, .classic(command)))
            session.outbox.pacing.sent(at: now)
        }
        return effects
    }

    mutating func passedOn(_ number: Int, _ session: inout ClientSession, at now: Duration) -> Reaction {
        guard let item = session.outbox.settle(number) else { return .nothing }
        largestPassedOn = max(largestPassedOn, item.request.classic?.json.count ?? 0)
        switch item.request {
        case .say(let content, room: _):
            let room = Place.room(session.rooms.current)
            return .proceed([.report(.stored(id: item.id, room, content: content, timestamp: nil, sequence: nil))])
        case .join(let room, stay: _): session.rooms.ask(for: room)
        case .leave: session.rooms.ask(for: RoomTracker.lobby)
        case .users, .rooms: questionWasSent()
        case .tell, .part, .history: break  // the classic dialect has no frames for these
        }
        return .proceed([])
    }

    /// The dialect has no requests beside lines.
    mutating func serve(_ ask: Ask, _ session: inout ClientSession, at now: Duration) -> [ClientEffect] { [] }

    /// The dialect cannot renew a token; the server closes the connection when it expires.
    mutating func looked(_ news: TokenNews, _ session: inout ClientSession, at now: Duration) -> Reaction { .nothing }

    /// The server does not say which frame was too large. If the largest one that the system took was not, none was.
    mutating func frameWasTooLarge(_ session: inout ClientSession) -> [ClientEffect] {
        let sizes = session.outbox.inFlight.map { number, item in
            (number: number, bytes: item.request.classic?.json.count ?? 0)
        }
        if let largest = sizes.max(by: { $0.bytes < $1.bytes }), largest.bytes > largestPassedOn {
            guard let item = session.outbox.settle(largest.number) else { return [] }
            return [session.fail(item, because: FrameLimits.words(for: largest.bytes))]
        }
        // The line was settled when the system took it, although the server did not accept it.
        guard largestPassedOn > 0 else { return [] }
        session.outbox.noteLoss()
        return [.show(.status("a line was too long for the server, which did not pass it on"))]
    }

    func ended(_ session: inout ClientSession) -> Duration? {
        // Lines that the system did not take have not been read by the server.
        session.outbox.connectionEnded(isUncertain: false)
        return nil
    }

    // MARK: Questions

    private mutating func questionWasSent() {
        switch questions {
        case .none: questions = .open(1)
        case .open(let count): questions = .open(count + 1)
        case .last(let count, let deadline): questions = .last(count + 1, until: deadline)
        }
    }

    private mutating func answerCame() {
        switch questions {
        case .none, .open(1), .last(1, until: _): questions = .none
        case .open(let count): questions = .open(count - 1)
        case .last(let count, let deadline): questions = .last(count - 1, until: deadline)
        }
    }

    mutating func awaitsAnswers(at now: Duration) -> Bool {
        switch questions {
        case .none: return false
        case .open(let count): questions = .last(count, until: now + Timing.answers)
        case .last: break
        }
        return true
    }

    func unansweredSince(_ session: ClientSession) -> Duration? { nil }

    func deadline(_ session: ClientSession) -> Duration? {
        if case .last(_, let deadline) = questions { deadline } else { nil }
    }

    mutating func tick(_ session: inout ClientSession, at now: Duration) -> Reaction {
        if case .last(_, let deadline) = questions, deadline <= now { questions = .none }
        return .proceed([])
    }
}
