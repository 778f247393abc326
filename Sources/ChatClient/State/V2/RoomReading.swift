import Wire

/// How far this client has read one room, and whether it is in it.
struct RoomReading: Equatable, Sendable {
    enum Standing: Equatable, Sendable {
        case away
        /// Requested, not entered yet.
        case entering
        /// Entered; missed messages are still coming.
        case catchingUp(CatchUp)
        case live
    }

    /// The state of catching up with missed messages.
    struct CatchUp: Equatable, Sendable {
        /// The log's last sequence when the room was entered.
        let head: UInt64
        /// Whether the client had a position, so that messages can be missing.
        let isResume: Bool
        /// Whether missed messages come in several pages. Otherwise one page comes, and its `more` means older
        /// messages.
        fileprivate(set) var isPaged: Bool
        /// Whether the server cannot prove that nothing is missing.
        fileprivate(set) var isTruncated = false
        /// Whether the log was replaced, and the user was told.
        fileprivate(set) var isAnew = false

        /// Whether messages may be missing and the user was not told. At a first visit there always are older messages,
        /// which are not missing.
        var isIncomplete: Bool { isTruncated && isResume && !isAnew }
    }

    /// The result of a page.
    enum PageEnd: Equatable, Sendable {
        /// The room was not catching up.
        case unexpected
        case more
        /// Everything was read; the room is live.
        case caughtUp(CatchUp)
    }

    var cursor = Cursor()
    private(set) var standing = Standing.away

    var isLive: Bool { standing == .live }

    mutating func ask() { standing = .entering }

    mutating func leave() { standing = .away }

    /// A request to enter the room was refused, so its state is as before.
    mutating func stay(_ isInside: Bool) { standing = isInside ? .live : .away }

    /// The server let the user enter.
    /// - Returns: whether the log was replaced, so that the old position means nothing.
    mutating func enter(_ epoch: String, head: UInt64) -> Bool {
        let isResume = cursor.position != nil
        standing = .catchingUp(CatchUp(head: head, isResume: isResume, isPaged: isResume))
        return begin(epoch, head: head)
    }

    /// The server named the epoch of a page.
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

    /// A page was read completely.
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

/// The positions in all rooms that this client has read, as far as they are remembered.
struct RoomReadings: Sendable {
    /// How many rooms are remembered. Beyond this, a room in which the client is not is forgotten for a new one.
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

    /// The client is in no other room any more; without a connection, in none.
    mutating func leaveAll(but room: String? = nil) {
        for name in rooms.keys where name != room { rooms[name]?.leave() }
    }
}
