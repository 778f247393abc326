public import Domain
import Synchronization

/// One user's presence through one connection, from a successful claim of the name to its release.
///
/// The edge runs a session's commands one after the other; the lock only makes that safe, it is never contended.
public final class Session: Sendable {
    public let id: SessionID
    public let username: Username
    let connection: any ClientConnection
    private let state: Mutex<State>

    private struct State {
        var room: RoomName
        var bucket: TokenBucket?
        var hasLostName = false
    }

    init(
        id: SessionID, username: Username, room: RoomName, connection: any ClientConnection, rateLimit: RateLimit?,
        now: ContinuousClock.Instant
    ) {
        self.id = id
        self.username = username
        self.connection = connection
        state = Mutex(State(room: room, bucket: rateLimit.map { TokenBucket($0, now: now) }))
    }

    /// Where what the user says goes.
    public var currentRoom: RoomName { state.withLock { $0.room } }

    /// Whether the name belongs to another session now; then nobody is told that its user has left.
    var hasLostName: Bool { state.withLock { $0.hasLostName } }

    func loseName() { state.withLock { $0.hasLostName = true } }

    func moved(to room: RoomName) { state.withLock { $0.room = room } }

    /// - Returns: nil where the user may send a message now, else how long until then.
    func takeToken(now: ContinuousClock.Instant) -> Duration? {
        state.withLock { $0.bucket?.take(now: now) }
    }
}
