import Wire

/// What a line asks of the server, in no dialect yet: the next connection may speak another one than the last.
enum Request: Equatable, Sendable {
    /// `room`: where the user was, or had asked to be, when they wrote it.
    case say(String, room: String)
    case tell(String, to: String)
    /// `stay`: keep the other rooms.
    case join(String, stay: Bool = false)
    case leave
    /// Leave one of several rooms.
    case part(String)
    /// All users, or those of `room`; only those after a name, if one is given.
    case users(room: String?, after: String?)
    case rooms(after: String?)
    /// So many messages before a place in the log, or before the oldest one shown.
    case history(room: String, before: UInt64? = nil, count: Int)
}

extension Request {
    /// Someone is meant to read it.
    var isMessage: Bool {
        switch self {
        case .say, .tell: true
        case .join, .leave, .part, .users, .rooms, .history: false
        }
    }

    /// It changes in which rooms one is.
    var isMove: Bool {
        switch self {
        case .join, .leave, .part: true
        case .say, .tell, .users, .rooms, .history: false
        }
    }

    /// Where a message is meant for.
    var place: Place? {
        switch self {
        case .say(_, let room): .room(room)
        case .tell(_, let user): .user(user)
        case .join, .leave, .part, .users, .rooms, .history: nil
        }
    }

    /// What a message says.
    var content: String? {
        switch self {
        case .say(let content, room: _), .tell(let content, to: _): content
        case .join, .leave, .part, .users, .rooms, .history: nil
        }
    }

    /// The room it leads to, if it leads to one.
    var destination: String? {
        switch self {
        case .join(let room, stay: _): room
        case .leave: RoomTracker.lobby
        case .say, .tell, .part, .users, .rooms, .history: nil
        }
    }

    /// `nil` for what the classic dialect does not have.
    var classic: ClassicCommand? {
        switch self {
        case .say(let content, room: _): .chatMessage(content: content)
        case .join(let room, stay: _): .joinRoom(room)
        case .leave: .leaveRoom
        case .users(let room, after: nil): .listUsers(room: room)
        case .rooms(after: nil): .listRooms
        case .tell, .part, .users, .rooms, .history: nil
        }
    }
}
