import CoreMetrics
public import Domain

extension ChatService {
    /// Begins a session: claims the name in the whole cluster and enters `room`.
    ///
    /// On return the connection is in the room and everyone there, its own user too, is told.
    ///
    /// - Throws: ``ChatError/Code/usernameTaken``, ``ChatError/Code/unavailable``. Then nothing has changed.
    public func connect(
        _ username: Username, entering room: RoomName, through connection: any ClientConnection
    ) async throws(ChatError) -> Session {
        let session = Session(
            id: .random(), username: username, room: room, connection: connection, rateLimit: limits.rate,
            now: time.monotonic())
        try enterInterest(in: room)
        do {
            try await presence.claim(username, for: session.id, entering: room)
        } catch {
            leaveInterest(in: room)
            throw error
        }
        sessions.insert(session)
        enter(room, session)
        metrics.sessionsOpened.increment()
        return session
    }

    /// Ends a session: the name is free and its rooms are told. Never fails; see ``PresenceStore/release(_:)``.
    public func disconnect(_ session: Session) async {
        let room = session.currentRoom
        session.connection.exit(room)
        sessions.remove(session)
        // Before the name is free: whoever takes it next is announced after this.
        if !session.hasLostName { announceLeaving(session, room) }
        await presence.release(session.id)
        leaveInterest(in: room)
        metrics.sessionsClosed.increment()
    }
}

extension ChatService: PresenceObserver {
    public func presenceLost(_ session: SessionID) {
        guard let session = sessions.session(session) else { return }
        session.loseName()
        session.connection.end(.nameLost)
    }

    public func presenceDeparted(_ notice: MembershipNotice) throws(ChatError) {
        try bus.announce(notice)
    }
}
