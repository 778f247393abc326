public import Domain

/// A room's message that came in through this instance, as an administrator sees it.
public struct RecentMessage: Equatable, Sendable {
    public let id: MessageID
    public let room: RoomName
    public let sender: String
    public let timestamp: Timestamp
    public let sequence: SequenceNumber
    /// Of the text, in UTF-8.
    public let bytes: Int
    /// Nil unless the operator wants texts to be shown.
    public let content: String?

    public init(
        id: MessageID, room: RoomName, sender: String, timestamp: Timestamp, sequence: SequenceNumber, bytes: Int,
        content: String?
    ) {
        self.id = id
        self.room = room
        self.sender = sender
        self.timestamp = timestamp
        self.sequence = sequence
        self.bytes = bytes
        self.content = content
    }
}
