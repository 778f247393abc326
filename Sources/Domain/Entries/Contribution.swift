/// What users put into the logs: the kinds of entry that this version writes.
///
/// A ``Draft`` holds one, and so does each ``Entry`` of a known kind. A kind is added here, as a case whose value is a type
/// of its own in this folder. The compiler then names what is missing: the ``traits`` below, the codecs of the logs, and the
/// words of each dialect (docs/decisions/0022-entries.md).
public enum Contribution: Equatable, Sendable {
    case message(Message)

    /// What everybody who neither stores nor renders the contribution has to know of it. Nobody else tells the kinds apart.
    public struct Traits: Equatable, Sendable {
        /// By this id a retry is recognised: of contributions with the same author, topic and id one is stored.
        public let id: MessageID
        /// The name of the user who made it. That user's connection gets the acknowledgement in its place.
        public let author: String
        /// The user for whom it is, if it stands in inboxes; nil in a room.
        public let recipient: String?
        /// The time at which it was made.
        public let timestamp: Timestamp
        /// Which readers are shown it.
        public let visibility: Visibility
        /// The text that a frame carries besides ``id``, ``author``, ``recipient`` and the room. A kind with several texts
        /// joins them: only the length counts.
        public let text: String
        /// The greatest size, in a frame, of all that is not text: the fields' names, the times and the numbers; in bytes.
        public let fixedBytes: Int

        public init(
            id: MessageID, author: String, recipient: String? = nil, timestamp: Timestamp, visibility: Visibility,
            text: String, fixedBytes: Int
        ) {
            self.id = id
            self.author = author
            self.recipient = recipient
            self.timestamp = timestamp
            self.visibility = visibility
            self.text = text
            self.fixedBytes = fixedBytes
        }
    }

    public var traits: Traits {
        switch self {
        case .message(let message):
            Traits(
                id: message.id, author: message.sender, recipient: message.recipient, timestamp: message.timestamp,
                visibility: .history, text: message.content, fixedBytes: 160)
        }
    }
}
