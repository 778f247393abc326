public import Domain
import Synchronization

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

extension ChatService {
    /// See ``MessageLog/storageObstacle``.
    public var storageObstacle: String? { log.storageObstacle }

    /// The active rooms, those with the newest messages first.
    ///
    /// - Parameter maximum: of rooms.
    public func activeRooms(atMost maximum: Int) -> [TopicStatus] {
        let all = feeds.all(.rooms).compactMap { feed in
            feed.topic.room.map { room in
                feed.withState { state in
                    TopicStatus(
                        room: room, head: state.tracker.cursor, isFollowing: state.tracker.isFollowing,
                        messages: state.filled?.count ?? 0, bytes: state.filled?.bytes ?? 0)
                }
            }
        }
        return Array(all.sorted { $0.head > $1.head }.prefix(maximum))
    }
}
