/// What somebody said, before the log has given it its place.
public struct Draft: Equatable, Sendable {
    public let id: MessageID
    public let topic: Topic
    public let sender: Username
    /// Whom a private message is for; nil for a room's.
    public let recipient: Username?
    public let content: String
    public let timestamp: Timestamp

    public init(id: MessageID, room: RoomName, sender: Username, content: String, timestamp: Timestamp) {
        self.init(
            id: id, topic: .room(room), sender: sender, recipient: nil, content: content, timestamp: timestamp)
    }

    /// One of the two copies of a private message.
    ///
    /// - Parameter owner: in whose inbox this copy goes: the recipient's or the sender's.
    public init(
        id: MessageID, in owner: Username, from sender: Username, to recipient: Username, content: String,
        timestamp: Timestamp
    ) {
        self.init(
            id: id, topic: .inbox(owner), sender: sender, recipient: recipient, content: content, timestamp: timestamp)
    }

    private init(
        id: MessageID, topic: Topic, sender: Username, recipient: Username?, content: String, timestamp: Timestamp
    ) {
        self.id = id
        self.topic = topic
        self.sender = sender
        self.recipient = recipient
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

/// What somebody said to one other user, at its place in one of the two inboxes that hold it.
public struct PrivateMessage: Equatable, Sendable {
    public let id: MessageID
    /// In whose inbox this copy is.
    public let owner: Username
    public let sender: String
    public let recipient: String
    public let content: String
    public let timestamp: Timestamp
    public let sequence: SequenceNumber

    public init(
        id: MessageID, owner: Username, sender: String, recipient: String, content: String, timestamp: Timestamp,
        sequence: SequenceNumber
    ) {
        self.id = id
        self.owner = owner
        self.sender = sender
        self.recipient = recipient
        self.content = content
        self.timestamp = timestamp
        self.sequence = sequence
    }
}
