/// What the members of a room, or the owner of an inbox, are shown live.
public enum TopicEvent: Equatable, Sendable {
    /// Stored in the topic's log.
    case entry(Entry)
    /// Told, and not kept.
    case notice(Notice)

    public var topic: Topic {
        switch self {
        case .entry(let entry): entry.topic
        case .notice(let notice): notice.topic
        }
    }
}
