/// What the members of a room are shown, live.
public enum RoomEvent: Equatable, Sendable {
    case message(ChatMessage)
    /// Somebody came or went.
    case membership(MembershipNotice)
    /// The words of an original server that shares our NATS (its joins and leaves); never part of the history.
    case foreignNotice(room: RoomName, content: String)

    public var room: RoomName {
        switch self {
        case .message(let message): message.room
        case .membership(let notice): notice.room
        case .foreignNotice(let room, _): room
        }
    }
}

/// That a user entered or left a room.
public struct MembershipNotice: Equatable, Sendable {
    public enum Change: String, Sendable {
        case joined = "user_joined"
        case left = "user_left"
    }

    /// Unique: a notice that is published twice, because its publisher died in between, is shown once.
    public let id: String
    public let change: Change
    public let room: RoomName
    public let username: Username
    /// The session that came or went: it is not told about itself by way of the others. Nil where it died.
    public let session: SessionID?
    public let timestamp: Timestamp

    public init(
        id: String = RandomToken.make(), _ change: Change, room: RoomName, username: Username,
        session: SessionID? = nil, timestamp: Timestamp
    ) {
        self.id = id
        self.session = session
        self.change = change
        self.room = room
        self.username = username
        self.timestamp = timestamp
    }
}

/// One line of the room list.
public struct RoomSummary: Equatable, Sendable {
    /// As it stands in the store: an original server sharing it obeys no naming rules of ours.
    public let name: String
    /// Distinct users in the room, on all instances.
    public let members: Int

    public init(name: String, members: Int) {
        self.name = name
        self.members = members
    }
}
