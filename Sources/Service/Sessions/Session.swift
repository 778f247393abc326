public import Domain

/// One user's presence through one connection, from a successful claim of the name to its release.
///
/// The edge runs a session's commands one after the other; the lock only makes that safe, it is never contended.
public final class Session: Sendable {
    public let id: SessionID
    public let username: Username
    /// What a later connection of the client presents to succeed this session; nil: none can.
    public let secret: SessionSecret?
    /// Whether the name is the user's, who may have several sessions; else it is this session's alone. Another token of the
    /// same user changes nothing of that.
    public let isShared: Bool
    /// What is at or before it in the user's inbox belongs to an earlier user of the name.
    public let inboxStart: SequenceNumber
    let connection: any ClientConnection
    /// When it began.
    let since: Timestamp
    /// What its client has done, for administrators.
    let activity: SessionActivity
    private let state: OrderedMutex<State>

    private struct State {
        /// Oldest first; the last is the current one. Empty where not even `global` may be read.
        var rooms: [RoomName]
        var principal: Principal
        /// What the session reads.
        var followed: Set<Topic>
        var hasLostName = false
        var mayReturn = true

        /// What may not be read is refused first: whether the session is in it says nothing then.
        func room(_ named: RoomName?) throws(ChatError) -> RoomName {
            guard let room = named ?? rooms.last else { throw .inNoRoom }
            try principal.permissions.checkMayRead(room)
            guard rooms.contains(room) else { throw .notInRoom(room) }
            return room
        }
    }

    init(
        id: SessionID, username: Username, principal: Principal = .open, secret: SessionSecret? = nil,
        inboxStart: SequenceNumber = .zero, rooms: [RoomName],
        following followed: Set<Topic> = [], connection: any ClientConnection, since: Timestamp = .now
    ) {
        self.id = id
        self.username = username
        self.secret = secret
        isShared = principal.sharesName
        self.inboxStart = inboxStart
        self.connection = connection
        self.since = since
        activity = SessionActivity(since: since)
        state = OrderedMutex(State(rooms: rooms, principal: principal, followed: followed))
    }

    /// An id for a message of this session, whose dialect has none: ``hasMade(_:)`` knows it again.
    public func makeMessageID() -> MessageID {
        MessageID(String(id.text.prefix(16)) + String(RandomToken.make().prefix(16)))
    }

    /// Whether this session has made the id.
    public func hasMade(_ message: MessageID) -> Bool {
        message.text.utf8.count == 32 && message.text.utf8.starts(with: id.text.utf8.prefix(16))
    }

    /// Whether a later connection of the client can succeed this session.
    var isResumable: Bool { secret != nil }

    /// All rooms the session is in, oldest first.
    public var rooms: [RoomName] { state.withLock { $0.rooms } }

    /// Where what the user says goes, if it names no room; nil where the session is in none.
    public var currentRoom: RoomName? { state.withLock { $0.rooms.last } }

    /// Who the session's user is, and what they may do. It changes when the client shows another token.
    public var principal: Principal { state.withLock { $0.principal } }

    func setPrincipal(_ principal: Principal) { state.withLock { $0.principal = principal } }

    /// The room that a request is about: the one that it names, or the current one.
    ///
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/notInRoom``.
    func room(toReadIn named: RoomName?) throws(ChatError) -> RoomName {
        try state.withLock { state throws(ChatError) in try state.room(named) }
    }

    /// The room in which a request says something: the one that it names, or the current one.
    ///
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/notInRoom``.
    func room(toWriteIn named: RoomName?) throws(ChatError) -> RoomName {
        try state.withLock { state throws(ChatError) in
            let room = try state.room(named)
            try state.principal.permissions.checkMayWrite(room)
            return room
        }
    }

    public func isIn(_ room: RoomName) -> Bool { state.withLock { $0.rooms.contains(room) } }

    /// Whether the name belongs to another session now; then nothing is said in it, and nobody is told that its user has left.
    var hasLostName: Bool { state.withLock { $0.hasLostName } }

    /// Whether the client may come back to the session when it was cut off.
    var mayReturn: Bool { state.withLock { $0.mayReturn } }

    func forbidReturn() { state.withLock { $0.mayReturn = false } }

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
}
