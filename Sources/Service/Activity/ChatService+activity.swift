public import Domain

/// What is noted for administrators.
extension ChatService {
    func note(_ kind: ActivityEvent.Kind, _ session: Session) {
        activity.note(
            ActivityEvent(
                kind, at: time.wall(), username: session.username.text, address: session.connection.client.address))
    }

    /// Somebody was not let in.
    ///
    /// - Parameters:
    ///   - username: the name that was asked for, if it is one.
    ///   - reason: in words for people.
    public func noteRefusal(username: Username?, address: String?, reason: String) {
        activity.note(
            ActivityEvent(.refused, at: time.wall(), username: username?.text, address: address, reason: reason))
    }

    /// The open connections of this instance that have a session, sorted by the ids of these.
    ///
    /// - Parameters:
    ///   - after: the id behind which the part begins; nil: from the beginning.
    ///   - limit: at most so many, at least 1.
    /// - Returns: a part of the list, and whether there is more behind it.
    public func connections(
        after: String?, limit: Int
    ) -> (connections: [ConnectionReport], more: Bool) {
        let away = detached.withLock { $0.ids }
        var first = SmallestElements<Session>(limit: limit) { ExactText($0.id.text) < ExactText($1.id.text) }
        for session in sessions.all(where: { !away.contains($0.id) }) {
            if let after, !(ExactText(after) < ExactText(session.id.text)) { continue }
            first.insert(session)
        }
        return (first.elements.map(ConnectionReport.init), first.isCut)
    }
}

extension ActivityEvent {
    init(_ notice: MembershipNotice) {
        let kind: Kind =
            switch notice.change {
            case .joined: .joined
            case .left: .left
            }
        self.init(kind, at: notice.timestamp, username: notice.username.text, room: notice.room.text)
    }
}
