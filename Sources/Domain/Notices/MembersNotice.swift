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
