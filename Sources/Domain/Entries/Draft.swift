/// What somebody wants to have stored in a topic, before the log has given it its place.
public struct Draft: Equatable, Sendable {
    public let topic: Topic
    public let message: Message

    public var id: MessageID { message.id }
    public var timestamp: Timestamp { message.timestamp }

    public init(id: MessageID, room: RoomName, sender: Username, content: String, timestamp: Timestamp) {
        topic = .room(room)
        message = Message(id: id, sender: sender.text, content: content, timestamp: timestamp)
    }

    /// One of the two copies of a private message.
    ///
    /// - Parameter owner: in whose inbox this copy goes: the recipient's or the sender's.
    public init(
        id: MessageID, in owner: Username, from sender: Username, to recipient: Username, content: String,
        timestamp: Timestamp
    ) {
        topic = .inbox(owner)
        message = Message(
            id: id, sender: sender.text, recipient: recipient.text, content: content, timestamp: timestamp)
    }
}
