import Domain

/// Which topics a session follows: those that it reads.
extension ChatService {
    /// Begins to follow a topic for a session, which must do so before it reads.
    ///
    /// - Returns: whether it did not follow the topic before.
    /// - Throws: ``ChatError/Code/unavailable``.
    @discardableResult
    func follow(_ topic: Topic, for session: Session) throws(ChatError) -> Bool {
        guard session.beginFollowing(topic) else { return false }
        do throws(ChatError) {
            try topics.follow(topic)
            return true
        } catch {
            session.endFollowing(topic)
            throw error
        }
    }

    func unfollow(_ topic: Topic, for session: Session) {
        if session.endFollowing(topic) { topics.unfollow(topic) }
    }
}
