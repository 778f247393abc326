/// What somebody said: in a room, or to one other user.
///
/// `sender` and `recipient` are plain text here: an original server on the same NATS obeys no naming rules of ours, and
/// what it stored is shown as it is.
public struct Message: Equatable, Sendable {
    public let id: MessageID
    public let sender: String
    /// Whom a private message is for; nil in a room.
    public let recipient: String?
    public let content: String
    public let timestamp: Timestamp

    public init(id: MessageID, sender: String, recipient: String? = nil, content: String, timestamp: Timestamp) {
        self.id = id
        self.sender = sender
        self.recipient = recipient
        self.content = content
        self.timestamp = timestamp
    }
}
