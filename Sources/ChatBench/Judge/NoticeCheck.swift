/// Compares the notices of joins and leaves with what the clients did.
///
/// Notices are not stored, so only peaceful times are judged: times in which no client had lost a connection or met an
/// outage for a while.
///
/// A user's arrival is told when the first of the user's clients enters the room, and the departure when the last one
/// leaves it.
struct NoticeCheck {
    private struct Key: Hashable {
        var observer: Int
        var room: String
        var user: String
        var isJoin: Bool
    }

    /// The time within which a notice must come, and the time before the change from which on it may come.
    let bound: Duration
    /// How long after its end an outage may have effects.
    let aftermath: Duration

    private let history: History
    private let stays: Stays
    private var heard: [Key: [Moment]] = [:]
    private var merged: [MergedNotices.Key: MergedNotices] = [:]

    init(_ history: History, stays: Stays, bound: Duration, aftermath: Duration) {
        self.history = history
        self.stays = stays
        self.bound = bound
        self.aftermath = aftermath
        for (index, client) in history.clients.enumerated() where client.role == .member {
            for entry in client.entries {
                switch entry.event {
                case .notice(let room, let user, let isJoin) where history.owns(user):
                    heard[Key(observer: index, room: room, user: user, isJoin: isJoin), default: []].append(entry.at)
                case .merged(let room, let joined, let left):
                    for (count, isJoin) in [(joined, true), (left, false)] where count > 0 {
                        let key = MergedNotices.Key(observer: index, room: room, isJoin: isJoin)
                        merged[key, default: MergedNotices()].add(count, at: entry.at)
                    }
                default: break
                }
            }
        }
    }

    func check(breaches: inout Breaches) {
        var untold: [MergedNotices.Key: [MergedNotices.Change]] = [:]
        let byRoom = Dictionary(grouping: stays.all, by: \.room)
        for stay in stays.all where history.owns(stay.room) {
            let neighbours = byRoom[stay.room] ?? []
            if !stay.isResume, isAlone(stay, from: stay.enterAsked, to: stay.from, neighbours) {
                checkTold(stay, isJoin: true, stay.enterAsked, stay.from, neighbours, &untold)
            }
            let leaveAsked = stay.leaveAsked ?? stay.until
            if stay.ending == .left || stay.ending == .quit,
                isAlone(stay, from: leaveAsked, to: stay.until, neighbours)
            {
                checkTold(stay, isJoin: false, leaveAsked, stay.until, neighbours, &untold)
            }
        }
        for (key, changes) in untold {
            for change in merged[key, default: MergedNotices()].uncounted(among: changes) {
                let user = history.clients[change.client].user
                breaches.add(
                    Breach(
                        kind: .missingNotice, client: history.clients[key.observer].name, room: key.room, at: change.at,
                        words: "\(user) \(key.isJoin ? "joined" : "left"), and it was not told within \(bound)"))
            }
        }
        checkFalseNotices(&breaches)
    }

    /// Whether certainly no other client of the user was in the room at any time from `low` to `high`.
    private func isAlone(_ stay: Stay, from low: Moment, to high: Moment, _ neighbours: [Stay]) -> Bool {
        let user = history.clients[stay.client].user
        return !neighbours.contains { other in
            guard other.client != stay.client, history.clients[other.client].user == user else { return false }
            let end =
                switch other.ending {
                case .stayed: Moment(nanoseconds: .max)
                case .left: other.until
                // The server hears of it later than the client says it.
                case .quit: other.until + bound
                // The session waits for its client.
                case .cutOff: other.until + aftermath
                }
            return other.enterAsked <= high && end >= low
        }
    }

    /// All clients that were in the room from before the change was requested until long enough after it was done got
    /// the notice: by name, or among the `untold`, in a merged count.
    private func checkTold(
        _ stay: Stay, isJoin: Bool, _ askedFrom: Moment, _ moment: Moment, _ neighbours: [Stay],
        _ untold: inout [MergedNotices.Key: [MergedNotices.Change]]
    ) {
        guard stays.isPeaceful(from: moment - aftermath, to: moment + bound) else { return }
        let user = history.clients[stay.client].user
        var told: Set<Int> = []
        for other in neighbours where history.clients[other.client].role == .member {
            guard history.clients[other.client].user != user else { continue }
            guard other.from < askedFrom, other.until > moment + bound else { continue }
            guard told.insert(other.client).inserted else { continue }
            let key = Key(observer: other.client, room: stay.room, user: user, isJoin: isJoin)
            let window = askedFrom...(moment + bound)
            if heard[key]?.contains(where: window.contains) == true { continue }
            let count = MergedNotices.Key(observer: other.client, room: stay.room, isJoin: isJoin)
            untold[count, default: []].append(.init(client: stay.client, at: moment, window: window))
        }
    }

    /// No user with a client that was in the room all the time is reported to have left it, or to have entered it because
    /// of another client.
    private func checkFalseNotices(_ breaches: inout Breaches) {
        struct Place: Hashable {
            var user: String
            var room: String
        }
        let byPlace = Dictionary(grouping: stays.all) {
            Place(user: history.clients[$0.client].user, room: $0.room)
        }
        let clients = Dictionary(history.clients.map { ($0.user, 1) }, uniquingKeysWith: +)
        for (key, moments) in heard where !key.isJoin || clients[key.user, default: 0] > 1 {
            let there = byPlace[Place(user: key.user, room: key.room)] ?? []
            for moment in moments {
                let isThere = there.contains {
                    $0.from < moment - aftermath && $0.until > moment + bound && !stays.isMute($0, at: moment)
                }
                guard isThere else { continue }
                // A server that has lost its memory may tell again who is there.
                if key.isJoin, !stays.isPeaceful(from: moment - aftermath, to: moment + bound) { continue }
                breaches.add(
                    Breach(
                        kind: .falseNotice, client: history.clients[key.observer].name, room: key.room, at: moment,
                        words: "\(key.user) is said to have \(key.isJoin ? "come" : "left"), but was there all the time"
                    ))
            }
        }
    }
}
