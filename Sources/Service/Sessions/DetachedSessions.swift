import Domain

/// Sessions whose clients were cut off and may still come back: their users stay listed, and their names reserved.
struct DetachedSessions {
    private var sessions: [SessionID: (session: Session, until: ContinuousClock.Instant)] = [:]

    var count: Int { sessions.count }

    mutating func insert(_ session: Session, until: ContinuousClock.Instant) {
        sessions[session.id] = (session, until)
    }

    /// - Returns: whether the session was here.
    mutating func remove(_ session: SessionID) -> Bool { sessions.removeValue(forKey: session) != nil }

    var ids: Set<SessionID> { Set(sessions.keys) }

    /// The session, if it is one of these, is not waited for any longer.
    mutating func expire(_ session: SessionID, at now: ContinuousClock.Instant) { sessions[session]?.until = now }

    /// Takes out those who did not come back in time.
    mutating func takeExpired(now: ContinuousClock.Instant) -> [Session] {
        let expired = sessions.values.filter { $0.until <= now }.map(\.session)
        for session in expired { sessions[session.id] = nil }
        return expired
    }
}
