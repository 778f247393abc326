/// Lines that must keep their order. Within a lane each line is sent only after the answer to the one before.
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

/// The order in which lines are sent, and the lanes on which the server failed.
struct Lanes: Equatable, Sendable {
    private struct Retry: Equatable, Sendable {
        var backoff = Backoff()
        /// `nil`: a retry is under way.
        var at: Duration?
    }

    private var retries: [Lane: Retry] = [:]

    /// When the next lane is retried.
    var deadline: Duration? { retries.values.compactMap(\.at).min() }

    // MARK: Failing

    /// Holds a lane back for a delay that grows with the failures.
    /// - Parameter least: the delay that the server asked for.
    mutating func hold(_ lane: Lane, atLeast least: Duration, random: Double, at now: Duration) {
        var retry = retries[lane] ?? Retry()
        retry.at = now + max(retry.backoff.next(random: random, most: Timing.unavailable), least)
        retries[lane] = retry
    }

    /// Holds a lane back until then; this is not a failure.
    mutating func hold(_ lane: Lane, until moment: Duration) { retries[lane, default: Retry()].at = moment }

    /// The lane is retried now.
    mutating func tryAgain(_ lane: Lane) { retries[lane]?.at = nil }

    /// The server did what was asked on this lane.
    mutating func succeeded(_ lane: Lane) { retries[lane] = nil }

    /// The lanes whose delay is over.
    func due(at now: Duration) -> [Lane] {
        retries.compactMap { lane, retry in
            retry.at.map { $0 <= now } ?? false ? lane : nil
        }
    }

    // MARK: Order

    /// The first line that may be sent: its lane is free, and it does not overtake a line on which it depends. A change
    /// of room waits for the messages before it, and everything about rooms waits for a change of room before it.
    /// - Returns: its index among the waiting lines.
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
