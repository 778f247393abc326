/// What the members of a room, or the owner of an inbox, are shown live.
public enum RoomEvent: Equatable, Sendable {
    case message(ChatMessage)
    case privateMessage(PrivateMessage)
    /// Somebody came or went.
    case membership(MembershipNotice)
    /// Several came or went: what a large room is told instead.
    case members(MembersNotice)
    case typing(TypingNotice)
    /// What was stored between the two numbers is gone for good before it was shown.
    case gap(Topic, after: SequenceNumber, before: SequenceNumber)
    /// The words of an original server that shares our NATS (its joins and leaves); never part of the history.
    case foreignNotice(room: RoomName, content: String)

    public var topic: Topic {
        switch self {
        case .message(let message): .room(message.room)
        case .privateMessage(let message): .inbox(message.owner)
        case .membership(let notice): .room(notice.room)
        case .members(let notice): .room(notice.room)
        case .typing(let notice): .room(notice.room)
        case .gap(let topic, _, _): topic
        case .foreignNotice(let room, _): .room(room)
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
    /// Distinct users in the room afterwards; nil where nobody could count them.
    public let members: Int?
    public let timestamp: Timestamp

    public init(
        id: String = RandomToken.make(), _ change: Change, room: RoomName, username: Username,
        session: SessionID? = nil, members: Int? = nil, timestamp: Timestamp
    ) {
        self.id = id
        self.session = session
        self.change = change
        self.room = room
        self.username = username
        self.members = members
        self.timestamp = timestamp
    }
}

/// How many entered and left a large room since it was last told.
public struct MembersNotice: Equatable, Sendable {
    public let room: RoomName
    /// Distinct users in the room now, as far as is known: nobody could count while the presence store is away.
    public let members: Int
    /// How often somebody came and went. Who did both counts in both.
    public let joined: Int
    public let left: Int
    public let timestamp: Timestamp

    public init(room: RoomName, members: Int, joined: Int, left: Int, timestamp: Timestamp) {
        self.room = room
        self.members = members
        self.joined = joined
        self.left = left
        self.timestamp = timestamp
    }
}

/// That a user is writing, or has stopped. Stored nowhere, and the first to be dropped.
public struct TypingNotice: Equatable, Sendable {
    public let room: RoomName
    public let username: Username
    /// Whose connection is not told.
    public let session: SessionID
    public let isTyping: Bool

    public init(room: RoomName, username: Username, session: SessionID, isTyping: Bool) {
        self.room = room
        self.username = username
        self.session = session
        self.isTyping = isTyping
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
