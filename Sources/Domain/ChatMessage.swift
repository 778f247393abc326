/// What somebody said in a room, before the log has given it its place.
public struct Draft: Equatable, Sendable {
    public let id: MessageID
    public let room: RoomName
    public let sender: Username
    public let content: String
    public let timestamp: Timestamp

    public init(id: MessageID, room: RoomName, sender: Username, content: String, timestamp: Timestamp) {
        self.id = id
        self.room = room
        self.sender = sender
        self.content = content
        self.timestamp = timestamp
    }
}

/// What somebody said in a room, at its place in the room's log.
///
/// `sender` is plain text here: an original server on the same NATS obeys no naming rules of ours, and what it stored
/// is shown as it is.
public struct ChatMessage: Equatable, Sendable {
    public let id: MessageID
    public let room: RoomName
    public let sender: String
    public let content: String
    public let timestamp: Timestamp
    public let sequence: SequenceNumber

    public init(
        id: MessageID, room: RoomName, sender: String, content: String, timestamp: Timestamp, sequence: SequenceNumber
    ) {
        self.id = id
        self.room = room
        self.sender = sender
        self.content = content
        self.timestamp = timestamp
        self.sequence = sequence
    }
}
