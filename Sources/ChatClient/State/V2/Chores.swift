/// Requests that the client makes by itself. Each kind has its own reference.
enum Chore: String, Hashable, Sendable {
    case resume
    case inbox
    case names
    case roomNames
}

/// The client's own requests that are not answered yet.
struct Chores: Equatable, Sendable {
    /// The times at which they were sent.
    private var sentAt: [Chore: Duration] = [:]
    /// Rooms whose members are to be asked for, one after another; the first request is under way.
    private var namesWanted: [String] = []

    /// When the oldest unanswered request was sent.
    var oldestSentAt: Duration? { sentAt.values.min() }

    func isUnderWay(_ chore: Chore) -> Bool { sentAt[chore] != nil }

    mutating func begin(_ chore: Chore, at now: Duration) { sentAt[chore] = now }

    /// - Returns: when the request was sent.
    mutating func answered(_ chore: Chore) -> Duration? { sentAt.removeValue(forKey: chore) }

    // MARK: Names

    /// The room whose members are being asked for.
    var room: String? { namesWanted.first }

    /// - Returns: whether to send the request now.
    mutating func wantNames(of room: String) -> Bool {
        guard !namesWanted.contains(room) else { return false }
        namesWanted.append(room)
        return namesWanted.count == 1
    }

    /// - Returns: whether to send the request for the next room.
    mutating func namesCame() -> Bool {
        if !namesWanted.isEmpty { namesWanted.removeFirst() }
        return !namesWanted.isEmpty
    }

    mutating func dropNames() { namesWanted = [] }
}
