import CoreMetrics
public import Domain
import Logging

extension ChatService {
    /// What a session wants to say in a room, checked and counted against the user's rate.
    ///
    /// - Parameters:
    ///   - room: one of the session's; nil: its current one.
    ///   - id: the client's own, nil: a fresh one.
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/notInRoom``, ``ChatError/Code/emptyMessage``, ``ChatError/Code/messageTooLong``,
    ///   ``ChatError/Code/rateLimited``.
    public func draft(
        _ content: String, in room: RoomName?, id: MessageID?, from session: Session
    ) throws(ChatError) -> Draft {
        do throws(ChatError) {
            try check(content, from: session)
            let room = try session.room(toWriteIn: room)
            session.activity.said()
            return Draft(
                id: id ?? .random(), room: room, sender: session.username, content: content, timestamp: time.wall())
        } catch {
            metrics.messagesRefused.increment()
            throw error
        }
    }

    /// What a session wants to say to one user: a copy for each of the two inboxes, the recipient's first. One who writes
    /// to themselves has one.
    ///
    /// - Throws: ``ChatError/Code/noSuchUser`` for one whom the session may not see and, where names do not belong to users,
    ///   for one who is not here; ``ChatError/Code/unavailable`` where that cannot be found out; and what
    ///   ``draft(_:in:id:from:)`` throws.
    public func privateDrafts(
        _ content: String, to recipient: Username, id: MessageID?, from session: Session
    ) async throws(ChatError) -> [Draft] {
        do throws(ChatError) {
            try check(content, from: session)
            guard try await maySee(recipient, from: session) else { throw .noSuchUser(recipient) }
            // Where names belong to users, one who is away reads it later.
            if !limits.namesBelongToUsers {
                guard try await presence.contains(recipient) else { throw .noSuchUser(recipient) }
            }
        } catch {
            metrics.messagesRefused.increment()
            throw error
        }
        session.activity.said()
        let id = id ?? .random()
        let timestamp = time.wall()
        let owners = recipient == session.username ? [recipient] : [recipient, session.username]
        return owners.map { owner in
            Draft(
                id: id, in: owner, from: session.username, to: recipient, content: content, timestamp: timestamp)
        }
    }

    /// Hands a draft to the log. Returns at once.
    ///
    /// - Parameter completion: called exactly once, on any thread, possibly before this returns.
    public func append(_ draft: Draft, completion: @escaping @Sendable (Result<Stored, ChatError>) -> Void) {
        metrics.messagesAccepted.increment()
        log.append(draft) { [self] result in
            if case .failure(let error) = result { metrics.appendFailed(error) }
            completion(result.map { stored(draft, $0) })
        }
    }

    /// Not on an event loop: it takes the topic's lock, which is held while the loops are waited for.
    private func stored(_ draft: Draft, _ appended: Appended) -> Stored {
        guard !appended.isDuplicate else {
            metrics.appendsDuplicate.increment()
            return Stored(
                sequence: appended.sequence, timestamp: topics.live.timestamp(of: appended.sequence, in: draft.topic),
                isDuplicate: true)
        }
        metrics.appendsAcknowledged.increment()
        activity.noteStored(draft, at: appended.sequence)
        topics.live.expect(appended.sequence, of: draft.topic)
        return Stored(sequence: appended.sequence, timestamp: draft.timestamp, isDuplicate: false)
    }

    /// Asks whether the log is still the one that is known; if not, its readers are told to come back.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    public func verifyLog(_ kind: Topic.Kind) async throws(ChatError) { _ = try await log.verifyEpoch(of: kind) }

    /// Tells the room that the session's user is writing, or has stopped. Said to nobody where the bus is down.
    ///
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/notInRoom``.
    public func announceTyping(_ isTyping: Bool, in room: RoomName?, from session: Session) throws(ChatError) {
        guard !session.hasLostName else { throw .usernameTaken }
        let room = try session.room(toWriteIn: room)
        let notice = TypingNotice(room: room, username: session.username, session: session.id, isTyping: isTyping)
        do throws(ChatError) {
            try bus.announce(.typing(notice))
        } catch {
            logger.debug("a typing notice was not sent", metadata: ["error": "\(error.code)"])
        }
    }

    private func check(_ content: String, from session: Session) throws(ChatError) {
        guard !session.hasLostName else { throw .usernameTaken }
        try check(content)
        try takeToken(session)
    }

    /// Whether this can be said at all.
    ///
    /// - Throws: ``ChatError/Code/emptyMessage``, ``ChatError/Code/messageTooLong``.
    func check(_ content: String) throws(ChatError) {
        guard content.utf8.count <= limits.messageBytes else {
            throw ChatError(.messageTooLong, "message too long: at most \(limits.messageBytes) bytes")
        }
        guard content.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw ChatError(.emptyMessage, "message is empty")
        }
    }
}
