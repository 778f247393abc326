/// Lines of one lane are sent one at a time, each after the server's answer to the one before.
enum Lane: Hashable, Sendable {
    case room(String)
    case privateMessages
    case questions
    case moves
    case chore(Chore)
}

extension Request {
    var lane: Lane {
        switch self {
        case .say(_, let room): .room(room)
        case .tell: .privateMessages
        case .join, .leave, .part: .moves
        case .users, .rooms, .history: .questions
        }
    }
}

/// The order in which lines go out, and the lanes on which the server failed.
struct Lanes: Equatable, Sendable {
    private struct Retry: Equatable, Sendable {
        var backoff = Backoff()
        /// `nil`: it is being tried.
        var at: Duration?
    }

    private var retries: [Lane: Retry] = [:]

    /// When the next lane is to be tried again.
    var deadline: Duration? { retries.values.compactMap(\.at).min() }

    // MARK: Failing

    /// Nothing goes out on this lane before a delay, which grows with the failures.
    /// - Parameter least: what the server asks for.
    mutating func hold(_ lane: Lane, atLeast least: Duration, random: Double, at now: Duration) {
        var retry = retries[lane] ?? Retry()
        retry.at = now + max(retry.backoff.next(random: random, most: Timing.unavailable), least)
        retries[lane] = retry
    }

    /// Nothing goes out on this lane until then, which is no failure.
    mutating func hold(_ lane: Lane, until moment: Duration) { retries[lane, default: Retry()].at = moment }

    /// It is tried again now.
    mutating func tryAgain(_ lane: Lane) { retries[lane]?.at = nil }

    /// The server did what was asked on this lane.
    mutating func succeeded(_ lane: Lane) { retries[lane] = nil }

    /// The lanes whose time has come.
    func due(at now: Duration) -> [Lane] {
        retries.compactMap { lane, retry in
            retry.at.map { $0 <= now } ?? false ? lane : nil
        }
    }

    // MARK: Order

    /// The first line that may go out: its lane is free, and it overtakes nothing that it depends on. A change of room
    /// waits for what is to be said before it, and everything about rooms waits for a change of room before it.
    /// - Returns: its index among those that wait.
    func next(of outbox: Outbox, in rooms: RoomReadings, after homecoming: Homecoming) -> Int? {
        var busy = Set(outbox.inFlight.map(\.item.request.lane))
        for (lane, retry) in retries where retry.at != nil { busy.insert(lane) }
        var isSaying = outbox.inFlight.contains { if case .say = $0.item.request { true } else { false } }
        var isMoving = outbox.inFlight.contains { $0.item.request.isMove }
        for (index, item) in outbox.waiting.enumerated() {
            let lane = item.request.lane
            let isFree = !busy.contains(lane)
            switch item.request {
            case .say(_, let room):
                if isFree, !isMoving, rooms[room].isLive { return index }
                isSaying = true
            case .tell:
                if isFree, homecoming.hasInbox { return index }
            case .join, .leave, .part:
                if isFree, !isMoving, !isSaying, homecoming.room == nil { return index }
                isMoving = true
            case .users, .rooms:
                if isFree, !isMoving { return index }
            case .history(let room, before: _, count: _):
                if isFree, !isMoving, rooms[room].isLive { return index }
            }
            busy.insert(lane)
        }
        return nil
    }
}
