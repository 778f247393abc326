public import Domain

/// What a session may read. How it is read is ``ChatService/topics``' business.
extension ChatService {
    /// Some of a room's history, for a session that looks something up.
    ///
    /// - Parameter limit: 1–100.
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/notInRoom``, ``ChatError/Code/unavailable``.
    public func history(
        of room: RoomName, _ range: LogRange, limit: Int, for session: Session
    ) async throws(ChatError) -> ReadingPage {
        _ = try session.room(toReadIn: room)
        return try await topics.history(of: .room(room), range, limit: limit)
    }

    /// Begins to follow the session's inbox, and finds where its reader begins: nothing of an earlier user of the name is
    /// for it.
    ///
    /// - Parameter begun: see ``TopicEngine/beginReading(_:at:notBefore:begun:)``.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func beginReadingInbox(
        of session: Session, at point: ReadingPoint, begun: () -> Void
    ) async throws(ChatError) -> ReadingStart {
        let topic = Topic.inbox(session.username)
        try follow(topic, for: session)
        return try await topics.beginReading(topic, at: point, notBefore: session.inboxStart, begun: begun)
    }
}
