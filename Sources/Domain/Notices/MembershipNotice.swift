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
