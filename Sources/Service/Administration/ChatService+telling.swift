public import Domain

/// What administrators and their programs say: to everybody, or in a room.
extension ChatService {
    /// Shows everybody who is connected anywhere what an administrator says. Stored nowhere.
    ///
    /// - Throws: ``ChatError/Code/emptyMessage``, ``ChatError/Code/messageTooLong``, and ``ChatError/Code/unavailable`` if the
    ///   instances cannot be told: then nobody has seen it.
    public func announce(_ content: String) throws(ChatError) {
        try check(content)
        let announcement = ServerAnnouncement(content: content, timestamp: time.wall())
        try bus.announce(.administration(.announcement(announcement)))
        activity.note(ActivityEvent(.announced, at: announcement.timestamp))
    }

    /// Says something in a room without being in it. It is an ordinary message of the room.
    ///
    /// - Parameter id: by which a retry is recognised, for two minutes; nil: a fresh one.
    /// - Returns: what was stored, and where. That of a duplicate is the earlier message's place.
    /// - Throws: ``ChatError/Code/emptyMessage``, ``ChatError/Code/messageTooLong``. ``ChatError/Code/unavailable`` if it is not
    ///   known whether it is stored: to try again with the same id is safe.
    public func publish(
        _ content: String, in room: RoomName, as sender: Username, id: MessageID?
    ) async throws(ChatError) -> (draft: Draft, stored: Stored) {
        try check(content)
        let draft = Draft(id: id ?? .random(), room: room, sender: sender, content: content, timestamp: time.wall())
        let result = await withCheckedContinuation { continuation in
            append(draft) { continuation.resume(returning: $0) }
        }
        let stored = try result.get()
        guard stored.timestamp == nil else { return (draft, stored) }
        return (draft, await withTimestamp(stored, in: draft.topic))
    }

    /// Looks up in the log when a duplicate was said first. Where the log does not say, nobody knows.
    private func withTimestamp(_ stored: Stored, in topic: Topic) async -> Stored {
        do throws(ChatError) {
            let page = try await topics.history(of: topic, .after(stored.sequence.predecessor), limit: 1)
            let entry = page.entries.first { $0.sequence == stored.sequence }
            return Stored(
                sequence: stored.sequence, timestamp: entry?.traits?.timestamp, isDuplicate: stored.isDuplicate)
        } catch {
            return stored
        }
    }

    /// Some of a room's history, for somebody who is in no room.
    ///
    /// - Parameter limit: 1–100.
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/unavailable``.
    public func history(
        of room: RoomName, _ range: LogRange, limit: Int, for permissions: Permissions
    ) async throws(ChatError) -> ReadingPage {
        try permissions.checkMayRead(room)
        return try await topics.history(of: .room(room), range, limit: limit)
    }
}
