public import Domain

/// Who is here: the names in use, and the members of each room, in the whole cluster.
///
/// Two adapters: Redis, and the embedded store within the process.
///
/// - Atomicity: each call happens whole or not at all, for every instance at once.
/// - Uniqueness: a name belongs to one session at a time, however many claim it at once.
/// - Failure: ``ChatError/Code/unavailable`` where the store cannot be reached. A change whose outcome is not known is
///   undone or redone when the store is back, to what this instance was last told.
/// - Lifetime: sessions of an instance that dies are taken out by the others, which tell their observer.
public protocol PresenceStore: Sendable {
    /// Names the one observer. Called once, before anything else.
    func start(_ observer: any PresenceObserver)

    /// Takes `username` for `session` and puts it in `room`.
    ///
    /// - Throws: ``ChatError/usernameTaken`` where another living session, or a user of an original server, has it.
    func claim(_ username: Username, for session: SessionID, entering room: RoomName) async throws(ChatError)

    /// Takes the user of `session` out of `old` and puts it in `new`.
    ///
    /// - Throws: ``ChatError/usernameTaken`` where the session has no name any more (``PresenceObserver/presenceLost(_:)``).
    func move(_ session: SessionID, from old: RoomName, to new: RoomName) async throws(ChatError)

    /// Gives the session's name back and takes it out of its rooms. Never fails: what cannot be done now is done when
    /// the store is back. Not to be used for a session whose claim failed.
    func release(_ session: SessionID) async

    /// All users, in no order.
    func users() async throws(ChatError) -> [String]

    /// The users in `room`, in no order; none where nobody is in it.
    func users(in room: RoomName) async throws(ChatError) -> [String]

    /// All rooms that have members, in no order.
    func rooms() async throws(ChatError) -> [RoomSummary]
}

/// Hears what the presence store finds out by itself.
public protocol PresenceObserver: Sendable {
    /// The name of a session of this instance was taken while the store was out of reach: the session has lost it.
    func presenceLost(_ session: SessionID)

    /// A user of a dead instance was taken out of a room.
    ///
    /// - Throws: where it could not be published; then it is told again later, here or on another instance.
    func presenceDeparted(_ notice: MembershipNotice) throws(ChatError)
}
