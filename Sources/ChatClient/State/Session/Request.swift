import Wire

/// The request of a line, independent of the dialect, because the next connection may speak another one.
enum Request: Equatable, Sendable {
    /// `room`: the user's room when the line was entered, changes of room before it included.
    case say(String, room: String)
    case tell(String, to: String)
    /// `stay`: whether to stay in the other rooms.
    case join(String, stay: Bool = false)
    case leave
    /// Leave one of several rooms.
    case part(String)
    /// All users, or those of `room`; with `after`, only those after that name.
    case users(room: String?, after: String?)
    case rooms(after: String?)
    /// This many messages before a sequence number, or before the oldest one shown.
    case history(room: String, before: UInt64? = nil, count: Int)
}

extension Request {
    /// Whether it is a message for somebody.
    var isMessage: Bool {
        switch self {
        case .say, .tell: true
        case .join, .leave, .part, .users, .rooms, .history: false
        }
    }

    /// Whether it changes the user's rooms.
    var isMove: Bool {
        switch self {
        case .join, .leave, .part: true
        case .say, .tell, .users, .rooms, .history: false
        }
    }

    /// The room or conversation of a message.
    var place: Place? {
        switch self {
        case .say(_, let room): .room(room)
        case .tell(_, let user): .user(user)
        case .join, .leave, .part, .users, .rooms, .history: nil
        }
    }

    /// The text of a message.
    var content: String? {
        switch self {
        case .say(let content, room: _), .tell(let content, to: _): content
        case .join, .leave, .part, .users, .rooms, .history: nil
        }
    }

    /// The room to which it leads; `nil` if it does not change rooms.
    var destination: String? {
        switch self {
        case .join(let room, stay: _): room
        case .leave: RoomTracker.lobby
        case .say, .tell, .part, .users, .rooms, .history: nil
        }
    }

    /// `nil` if the classic dialect has no such command.
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
