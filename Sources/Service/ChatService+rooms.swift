public import Domain
import Synchronization

extension ChatService {
    /// Leaves the current room and enters `room`; both are told.
    ///
    /// - Returns: false, and nothing happens, where the session is there already.
    /// - Throws: ``ChatError/Code/unavailable``. Then the session is where it was.
    @discardableResult
    public func move(_ session: Session, to room: RoomName) async throws(ChatError) -> Bool {
        let old = session.currentRoom
        guard old != room else { return false }
        try enterInterest(in: room)
        do {
            try await presence.move(session.id, from: old, to: room)
        } catch {
            leaveInterest(in: room)
            throw error
        }
        session.connection.exit(old)
        announceLeaving(session, old)
        leaveInterest(in: old)

        session.moved(to: room)
        enter(room, session)
        return true
    }

    /// All users in the cluster, or those of one room, sorted by Unicode scalars.
    public func users(in room: RoomName? = nil) async throws(ChatError) -> [String] {
        let users =
            if let room { try await presence.users(in: room) } else { try await presence.users() }
        return users.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    /// All rooms that have members, sorted by Unicode scalars of their names.
    public func rooms() async throws(ChatError) -> [RoomSummary] {
        try await presence.rooms().sorted { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) }
    }
}

extension ChatService {
    /// Shows the room to the session, its own notice first, and tells the others.
    func enter(_ room: RoomName, _ session: Session) {
        let notice = notice(.joined, session, in: room)
        session.connection.enter(room, showing: notice)
        announce(notice)
    }

    func announceLeaving(_ session: Session, _ room: RoomName) {
        announce(notice(.left, session, in: room))
    }

    private func notice(
        _ change: MembershipNotice.Change, _ session: Session, in room: RoomName
    ) -> MembershipNotice {
        MembershipNotice(change, room: room, username: session.username, session: session.id, timestamp: time.wall())
    }

    /// Tells the room; where the bus is down, at least its members on this instance.
    private func announce(_ notice: MembershipNotice) {
        do {
            try bus.announce(notice)
        } catch {
            receive(notice)
        }
    }

    /// Following happens under the lock, so that the bus hears “first member” and “last member” in the order in which
    /// they happened. The bus waits for no answer in either, and calls nothing of ours.
    func enterInterest(in room: RoomName) throws(ChatError) {
        try interest.withLock { interest throws(ChatError) in
            guard interest.enter(room) else { return }
            feeds.open(room)
            do throws(ChatError) {
                try bus.follow(room)
                attention.continuation.yield()  // the log is asked where the room stands
            } catch {
                feeds.close(room)
                _ = interest.leave(room)
                throw error
            }
        }
    }

    func leaveInterest(in room: RoomName) {
        interest.withLock { interest in
            guard interest.leave(room) else { return }
            bus.unfollow(room)
            feeds.close(room)
        }
    }
}
