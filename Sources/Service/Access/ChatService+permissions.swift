public import Domain

/// Changes of what a session may do.
extension ChatService {
    /// Gives a session other permissions, at once. It leaves the rooms that it may not read any more; where it would be in
    /// none, it is put in `global`, if it may read that.
    ///
    /// On return it is shown nothing more of the rooms that it has left: whoever tells the client so afterwards tells the
    /// truth. The name stays what it is: whether the principal is the same user is for the caller to check.
    ///
    /// - Parameter stopReading: called for each room that is left, while the session still follows it.
    /// - Returns: the rooms that were left, and `global`'s members where the session was put there.
    /// - Throws: ``ChatError/Code/unavailable``. Then the session is where it was, and may do what it might before.
    public func setPrincipal(
        _ principal: Principal, of session: Session, stopReading: StopReading? = nil
    ) async throws(ChatError) -> (left: [RoomName], membersOfGlobal: Int?) {
        let (left, members) = try await leaveWhatMayNotBeRead(
            session, principal.permissions, goLive: nil, stopReading: stopReading)
        session.setPrincipal(principal)
        endIfRevoked(session)  // the token may have been taken back since it was verified
        return (left, members)
    }

    @discardableResult
    func leaveWhatMayNotBeRead(
        _ session: Session, _ permissions: Permissions, goLive: GoLive?, stopReading: StopReading?
    ) async throws(ChatError) -> (left: [RoomName], membersOfGlobal: Int?) {
        let rooms = session.rooms
        let left = rooms.filter { !permissions.mayRead($0) }
        guard !left.isEmpty else { return ([], nil) }
        let resort = left.count == rooms.count ? permissions.lastResort : nil
        let members = try await move(session, leaving: left, entering: resort, goLive, stopReading).members
        return (left, resort.map { members[$0] ?? 1 })
    }
}
