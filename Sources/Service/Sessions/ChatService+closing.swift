import CoreMetrics
import Domain
import Logging

/// How a session ends: with its connection, after the grace period, or because it was succeeded.
extension ChatService {
    /// The connection has ended. The user stays for the grace period, so that the client can come back, where it can and
    /// has not said goodbye; else its rooms are told and the name is free. Never fails; see ``PresenceStore/release(_:)``.
    public func close(_ session: Session, isGoodbye: Bool) async {
        for topic in session.takeFollowed() { topics.unfollow(topic) }
        metrics.sessionsClosed.increment()
        note(.disconnected, session)
        guard session.isResumable, !isGoodbye, !session.hasLostName, session.mayReturn else {
            return await release(session)
        }
        detached.withLock { $0.insert(session, until: time.monotonic() + limits.grace) }
        if session.hasLostName { await releaseDetached(session.id) }  // succeeded in this very moment
        if !session.mayReturn { detached.withLock { $0.expire(session.id, at: time.monotonic()) } }
    }

    /// Takes the user out of everything, and tells the rooms.
    ///
    /// The departure is told before the name is free: whoever takes it next is announced after this.
    func release(_ session: Session) async {
        sessions.remove(session)
        if !session.hasLostName { await tellDeparture(of: session) }
        await presence.release(session.id)
    }

    private func tellDeparture(of session: Session) async {
        let rooms = session.rooms
        do throws(ChatError) {
            let moved = try await presence.move(session.id, leaving: Set(rooms), entering: nil)
            for room in rooms where moved.news[room] != nil {
                await announce(notice(.left, session, in: room, moved), moved.news[room])
            }
        } catch {
            // Its client has come back meanwhile.
            guard error.code != .usernameTaken else { return session.loseName() }
            // Whether the user has left with it, nobody knows until the store is back, which then tells the rooms.
            guard !session.isShared else { return }
            // Nobody can count; the store takes the user out when it is back.
            for room in rooms { await announce(notice(.left, session, in: room, members: nil, nil), nil) }
        }
    }

    /// Lets go of those whose clients did not come back in time.
    func releaseDetached() async {
        for session in detached.withLock({ $0.takeExpired(now: time.monotonic()) }) { await release(session) }
    }

    private func releaseDetached(_ session: SessionID) async {
        guard detached.withLock({ $0.remove(session) }) else { return }
        await presence.release(session)
    }

    /// Ends a session that was succeeded, on whichever instance it is.
    func endEverywhere(_ session: SessionID) {
        guard !endSucceeded(session) else { return }
        do throws(ChatError) {
            try bus.announce(.succession(session))
        } catch {
            // Its instance finds out when it settles with the presence store.
            logger.debug("a succession was not told", metadata: ["error": "\(error.code)"])
        }
    }

    /// Ends a session that was succeeded, if it is one of this instance. - Returns: whether it is.
    @discardableResult
    func endSucceeded(_ id: SessionID) -> Bool {
        guard let session = sessions.lose(id) else { return false }
        session.loseName()
        session.connection.end(.nameLost)
        return true
    }
}
