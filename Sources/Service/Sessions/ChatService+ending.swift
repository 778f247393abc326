import Domain

/// Ends sessions because of what somebody else has decided: their tokens were taken back, or an administrator wants it.
extension ChatService {
    /// Ends every session of this instance that is meant. Its user leaves at once, also where the client was cut off and
    /// could still come back. From any thread, without waiting; the rooms are told within a second.
    func expel(_ reason: EndReason, where isMeant: (Session) -> Bool) {
        // Those whose clients were cut off are among them; those that were ended before are not.
        let ended = sessions.all { $0.mayReturn && isMeant($0) }
        for session in ended {
            session.forbidReturn()
            session.connection.end(reason)
        }
        guard !ended.isEmpty else { return }
        let now = time.monotonic()
        detached.withLock { detached in for session in ended { detached.expire(session.id, at: now) } }
    }

    /// Ends a session that was opened while its token was taken back.
    func endIfRevoked(_ session: Session) {
        guard session.mayReturn, revocations.isRevoked(session.principal) else { return }
        session.forbidReturn()
        session.connection.end(.tokenRevoked)
    }
}
