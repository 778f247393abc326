import Wire

/// One room as this client reads it: how far, and whether it is in it.
struct RoomReading: Equatable, Sendable {
    enum Standing: Equatable, Sendable {
        case away
        /// Asked for, not entered.
        case entering
        /// Entered; what was missed is still coming.
        case catchingUp(CatchUp)
        case live
    }

    /// What is known about what was missed.
    struct CatchUp: Equatable, Sendable {
        /// The log's head when the room was entered.
        let head: UInt64
        /// There was a place to go on from, so that something can be missing.
        let isResume: Bool
        /// What was missed comes in several parts. Otherwise one part comes, of which `more` means older messages.
        fileprivate(set) var isPaged: Bool
        /// The server cannot prove that nothing is missing.
        fileprivate(set) var isTruncated = false
        /// The log was begun anew, and the user was told.
        fileprivate(set) var isAnew = false

        /// Something is missing of which nobody has told the user. At the first visit something older always is.
        var isIncomplete: Bool { isTruncated && isResume && !isAnew }
    }

    /// What a part of what was missed leads to.
    enum PageEnd: Equatable, Sendable {
        /// Nothing was being caught up with.
        case unexpected
        case more
        /// Everything is read; the room is live.
        case caughtUp(CatchUp)
    }

    var cursor = Cursor()
    private(set) var standing = Standing.away

    var isLive: Bool { standing == .live }

    mutating func ask() { standing = .entering }

    mutating func leave() { standing = .away }

    /// A request to enter it was refused: it is as it was before.
    mutating func stay(_ isInside: Bool) { standing = isInside ? .live : .away }

    /// The server let us in.
    /// - Returns: whether the log was begun anew, so that nothing of what was known holds.
    mutating func enter(_ epoch: String, head: UInt64) -> Bool {
        let isResume = cursor.position != nil
        standing = .catchingUp(CatchUp(head: head, isResume: isResume, isPaged: isResume))
        return begin(epoch, head: head)
    }

    /// The server says which log a part comes from.
    /// - Returns: as ``enter(_:head:)``.
    mutating func begin(_ epoch: String, head: UInt64 = .max) -> Bool {
        guard cursor.begin(epoch, head: head) else { return false }
        if case .catchingUp(var catchUp) = standing {
            catchUp.isAnew = true
            catchUp.isPaged = false
            standing = .catchingUp(catchUp)
        }
        return true
    }

    /// A part was read to its end.
    mutating func endPage(more: Bool, truncated: Bool) -> PageEnd {
        guard case .catchingUp(var catchUp) = standing else { return .unexpected }
        if truncated { catchUp.isTruncated = true }
        if more, catchUp.isPaged {
            standing = .catchingUp(catchUp)
            return .more
        }
        standing = .live
        cursor.caughtUp(head: catchUp.head)
        return .caughtUp(catchUp)
    }
}

/// All rooms that this client has read in, as far as they are remembered.
struct RoomReadings: Sendable {
    /// How many are remembered. One that the client is not in is forgotten for one that it enters.
    static let most = 64

    private var rooms: [String: RoomReading] = [:]

    subscript(room: String) -> RoomReading {
        get { rooms[room] ?? RoomReading() }
        set {
            if rooms[room] == nil, rooms.count >= Self.most,
                let forgotten = rooms.first(where: { $0.value.standing == .away })?.key
            {
                rooms[forgotten] = nil
            }
            rooms[room] = newValue
        }
    }

    /// The client is in no other room any more; without a connection in none.
    mutating func leaveAll(but room: String? = nil) {
        for name in rooms.keys where name != room { rooms[name]?.leave() }
    }
}
