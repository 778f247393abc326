import Domain

/// Remembers the latest notices, so that what is published twice is shown once: under the same id by a survivor that takes
/// over from another, or as the departure of a session whose instance could not reach the presence store when it told of
/// it, and for which the store's survivors tell of it again.
struct RecentNotices {
    private struct Departure: Hashable {
        let username: Username
        let room: RoomName
    }

    private var order: [String] = []
    private var next = 0
    private var known: Set<String> = []
    /// Told while nobody could count.
    private var uncounted: Set<Departure> = []
    private let capacity: Int

    /// - Parameter capacity: how many ids are remembered. A notice is repeated within seconds, by the survivor that
    ///   takes over from another, so this bounds the notices of some seconds.
    init(capacity: Int = 8192) {
        self.capacity = capacity
    }

    /// - Returns: whether the notice is news.
    mutating func insert(_ notice: MembershipNotice) -> Bool {
        guard insert(notice.id) else { return false }
        let departure = Departure(username: notice.username, room: notice.room)
        switch notice.change {
        case .joined:
            uncounted.remove(departure)
        case .left where notice.session != nil && notice.members == nil:
            // As many as may be told of during one outage; those beyond are shown twice.
            if uncounted.count < capacity { uncounted.insert(departure) }
        case .left where notice.session == nil:
            return uncounted.remove(departure) == nil
        case .left:
            uncounted.remove(departure)
        }
        return true
    }

    /// - Returns: whether `id` is new.
    mutating func insert(_ id: String) -> Bool {
        guard known.insert(id).inserted else { return false }
        if order.count < capacity {
            order.append(id)
        } else {
            known.remove(order[next])
            order[next] = id
            next = (next + 1) % capacity
        }
        return true
    }
}
