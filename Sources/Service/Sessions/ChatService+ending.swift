public import Domain

/// Sessions that this instance ends since something has happened to their users' tokens.
extension ChatService {
    /// Ends the connections of all sessions here whose principals are meant.
    ///
    /// A session whose claim is under way is not among them. So the door is to know what has happened before this is called,
    /// and whoever has been let in just before is to be looked at again.
    ///
    /// - Parameter isMeant: called once for each session, on the caller's thread.
    /// - Returns: how many there are.
    @discardableResult
    public func endSessions(_ reason: EndReason, where isMeant: (Principal) -> Bool) -> Int {
        let meant = sessions.all.filter { isMeant($0.principal) }
        for session in meant { session.connection.end(reason) }
        return meant.count
    }
}
