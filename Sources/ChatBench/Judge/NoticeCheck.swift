/// Compares the notices of joins and leaves with what the clients did.
///
/// Notices are not stored, so only peaceful times are judged: times in which no client had lost a connection or met an
/// outage for a while.
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
            if !stay.isResume { checkTold(stay, isJoin: true, stay.enterAsked, stay.from, neighbours, &untold) }
            if stay.ending == .left || stay.ending == .quit {
                checkTold(stay, isJoin: false, stay.leaveAsked ?? stay.until, stay.until, neighbours, &untold)
            }
        }
        for (key, changes) in untold {
            for change in merged[key, default: MergedNotices()].uncounted(among: changes) {
                let user = history.clients[change.client].name
                breaches.add(
                    Breach(
                        kind: .missingNotice, client: history.clients[key.observer].name, room: key.room, at: change.at,
                        words: "\(user) \(key.isJoin ? "joined" : "left"), and it was not told within \(bound)"))
            }
        }
        checkFalseLeaves(&breaches)
    }

    /// All clients that were in the room from before the change was requested until long enough after it was done got
    /// the notice: by name, or among the `untold`, in a merged count.
    private func checkTold(
        _ stay: Stay, isJoin: Bool, _ askedFrom: Moment, _ moment: Moment, _ neighbours: [Stay],
        _ untold: inout [MergedNotices.Key: [MergedNotices.Change]]
    ) {
        guard stays.isPeaceful(from: moment - aftermath, to: moment + bound) else { return }
        let user = history.clients[stay.client].name
        var told: Set<Int> = []
        for other in neighbours where other.client != stay.client && history.clients[other.client].role == .member {
            guard other.from < askedFrom, other.until > moment + bound else { continue }
            guard told.insert(other.client).inserted else { continue }
            let key = Key(observer: other.client, room: stay.room, user: user, isJoin: isJoin)
            let window = askedFrom...(moment + bound)
            if heard[key]?.contains(where: window.contains) == true { continue }
            let count = MergedNotices.Key(observer: other.client, room: stay.room, isJoin: isJoin)
            untold[count, default: []].append(.init(client: stay.client, at: moment, window: window))
        }
    }

    /// No client that was in the room all the time is reported to have left it.
    private func checkFalseLeaves(_ breaches: inout Breaches) {
        struct Place: Hashable {
            var user: String
            var room: String
        }
        let byPlace = Dictionary(grouping: stays.all) {
            Place(user: history.clients[$0.client].name, room: $0.room)
        }
        for (key, moments) in heard where !key.isJoin {
            let there = byPlace[Place(user: key.user, room: key.room)] ?? []
            for moment in moments {
                let isThere = there.contains { $0.from < moment - aftermath && $0.until > moment + bound }
                guard isThere else { continue }
                breaches.add(
                    Breach(
                        kind: .falseNotice, client: history.clients[key.observer].name, room: key.room, at: moment,
                        words: "\(key.user) is said to have left, but is there"))
            }
        }
    }
}
