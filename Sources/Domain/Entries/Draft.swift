/// A contribution to a topic that the log has not given its place yet.
public struct Draft: Equatable, Sendable {
    public let topic: Topic
    public let contribution: Contribution
    /// The contribution's id.
    public let id: MessageID
    /// The contribution's time.
    public let timestamp: Timestamp

    public init(_ contribution: Contribution, in topic: Topic) {
        let traits = contribution.traits
        self.topic = topic
        self.contribution = contribution
        id = traits.id
        timestamp = traits.timestamp
    }

    /// A room's message.
    public init(id: MessageID, room: RoomName, sender: Username, content: String, timestamp: Timestamp) {
        self.init(
            .message(Message(id: id, sender: sender.text, content: content, timestamp: timestamp)), in: .room(room))
    }

    /// One of the two copies of a private message.
    ///
    /// - Parameter owner: the user whose inbox gets this copy: the recipient or the sender.
    public init(
        id: MessageID, in owner: Username, from sender: Username, to recipient: Username, content: String,
        timestamp: Timestamp
    ) {
        let message = Message(
            id: id, sender: sender.text, recipient: recipient.text, content: content, timestamp: timestamp)
        self.init(.message(message), in: .inbox(owner))
    }
}
