/// Requests that the client makes by itself, each under a reference of its own.
enum Chore: String, Hashable, Sendable {
    case resume
    case inbox
    case names
    case roomNames
}

/// The client's own requests that were not answered yet.
struct Chores: Equatable, Sendable {
    /// When they were sent.
    private var sentAt: [Chore: Duration] = [:]
    /// Rooms whose members' names are to be asked for, one after the other; the first one is being asked for.
    private var namesWanted: [String] = []

    /// When the one was sent that has been waiting for its answer longest.
    var oldestSentAt: Duration? { sentAt.values.min() }

    func isUnderWay(_ chore: Chore) -> Bool { sentAt[chore] != nil }

    mutating func begin(_ chore: Chore, at now: Duration) { sentAt[chore] = now }

    /// - Returns: when it was sent.
    mutating func answered(_ chore: Chore) -> Duration? { sentAt.removeValue(forKey: chore) }

    // MARK: Names

    /// The room whose members are being asked for.
    var room: String? { namesWanted.first }

    /// - Returns: whether to ask at once.
    mutating func wantNames(of room: String) -> Bool {
        guard !namesWanted.contains(room) else { return false }
        namesWanted.append(room)
        return namesWanted.count == 1
    }

    /// - Returns: whether to ask for those of the next room.
    mutating func namesCame() -> Bool {
        if !namesWanted.isEmpty { namesWanted.removeFirst() }
        return !namesWanted.isEmpty
    }

    mutating func dropNames() { namesWanted = [] }
}
