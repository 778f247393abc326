public import Domain

/// One user's presence through one connection, from a successful claim of the name to its release.
///
/// The edge runs a session's commands one after the other; the lock only makes that safe, it is never contended.
public final class Session: Sendable {
    public let id: SessionID
    public let username: Username
    /// What a later connection of the client presents to succeed this session; nil: none can.
    public let secret: SessionSecret?
    /// What is at or before it in the user's inbox belongs to an earlier user of the name.
    public let inboxStart: SequenceNumber
    let connection: any ClientConnection
    private let state: OrderedMutex<State>

    private struct State {
        /// Oldest first; the last is the current one. Never empty.
        var rooms: [RoomName]
        /// What the session reads.
        var followed: Set<Topic>
        var bucket: TokenBucket?
        var hasLostName = false
    }

    init(
        id: SessionID, username: Username, secret: SessionSecret? = nil, inboxStart: SequenceNumber = .zero,
        rooms: [RoomName], following followed: Set<Topic> = [], connection: any ClientConnection,
        rateLimit: RateLimit?, now: ContinuousClock.Instant
    ) {
        self.id = id
        self.username = username
        self.secret = secret
        self.inboxStart = inboxStart
        self.connection = connection
        state = OrderedMutex(
            State(rooms: rooms, followed: followed, bucket: rateLimit.map { TokenBucket($0, now: now) }))
    }

    /// Whether a later connection of the client can succeed this session.
    var isResumable: Bool { secret != nil }

    /// All rooms the session is in, oldest first.
    public var rooms: [RoomName] { state.withLock { $0.rooms } }

    /// Where what the user says goes, if it names no room.
    public var currentRoom: RoomName { state.withLock { $0.rooms.last ?? .global } }

    public func isIn(_ room: RoomName) -> Bool { state.withLock { $0.rooms.contains(room) } }

    /// Whether the name belongs to another session now; then nothing is said in it, and nobody is told that its user has left.
    var hasLostName: Bool { state.withLock { $0.hasLostName } }

    func loseName() { state.withLock { $0.hasLostName = true } }

    func moved(leaving: Set<RoomName>, entering room: RoomName?) {
        state.withLock { state in
            state.rooms.removeAll { leaving.contains($0) || $0 == room }
            if let room { state.rooms.append(room) }
        }
    }

    /// - Returns: whether the session did not follow the topic before.
    func beginFollowing(_ topic: Topic) -> Bool { state.withLock { $0.followed.insert(topic).inserted } }

    /// - Returns: whether the session did follow the topic.
    @discardableResult
    func endFollowing(_ topic: Topic) -> Bool { state.withLock { $0.followed.remove(topic) != nil } }

    func takeFollowed() -> Set<Topic> {
        state.withLock { state in
            defer { state.followed = [] }
            return state.followed
        }
    }

    /// - Returns: nil where the user may send a message now, else how long until then.
    func takeToken(now: ContinuousClock.Instant) -> Duration? {
        state.withLock { $0.bucket?.take(now: now) }
    }
}
