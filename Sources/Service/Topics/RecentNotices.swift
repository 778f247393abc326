import Domain

/// Remembers the latest notices, so that what is published twice is shown once: under the same id by a survivor that takes
/// over from another, or as a departure of which both tell, the survivors that take the session out and its own instance,
/// which lives and cannot reach the presence store.
struct RecentNotices {
    private struct Departure: Hashable {
        let username: Username
        let room: RoomName
    }

    private enum Teller {
        /// Without the presence store it cannot count.
        case ownInstance
        case survivors
    }

    private var order: [ExactText] = []
    private var next = 0
    private var known: Set<ExactText> = []
    /// Who may tell of a departure once more, until its user is seen to come: it was told by the other one.
    private var toldByOther: [Departure: Teller] = [:]
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
        let other = toldByOther.removeValue(forKey: departure)
        let teller: Teller? = notice.session == nil ? .survivors : notice.members == nil ? .ownInstance : nil
        guard notice.change == .left, let teller else { return true }
        if other == teller { return false }
        if toldByOther.count >= capacity { toldByOther.removeAll() }
        toldByOther[departure] = teller == .survivors ? .ownInstance : .survivors
        return true
    }

    /// - Returns: whether `id` is new.
    mutating func insert(_ id: String) -> Bool {
        let id = ExactText(id)
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
