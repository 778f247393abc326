public import Domain

/// Where one active room stands on this instance, for operators.
public struct TopicStatus: Equatable, Sendable {
    public let room: RoomName
    /// The newest message that was shown here.
    public let head: SequenceNumber
    /// False while a hole is being filled from the log.
    public let isFollowing: Bool
    /// Messages kept in memory, and their size in bytes.
    public let messages: Int
    public let bytes: Int
}

extension TopicStatus {
    /// Nil for an inbox.
    init?(_ feed: Feed) {
        guard let room = feed.topic.room else { return nil }
        self = feed.withState { state in
            TopicStatus(
                room: room, head: state.tracker.cursor, isFollowing: state.tracker.isFollowing,
                messages: state.filled?.count ?? 0, bytes: state.filled?.bytes ?? 0)
        }
    }
}
