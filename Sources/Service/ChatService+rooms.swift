public import Domain
import Synchronization

extension ChatService {
    /// Leaves the current room and enters `room`; both are told, and the session is shown the new one live.
    ///
    /// - Returns: false, and nothing happens, where the session is there already.
    /// - Throws: ``ChatError/Code/unavailable``. Then the session is where it was.
    @discardableResult
    public func move(_ session: Session, to room: RoomName) async throws(ChatError) -> Bool {
        let old = session.currentRoom
        guard old != room else { return false }
        try follow(.room(room), for: session)
        await awaitStart(of: .room(room))
        let members: [RoomName: Int]
        do throws(ChatError) {
            members = try await presence.move(session.id, leaving: [old], entering: room)
        } catch {
            unfollow(.room(room), for: session)
            throw error
        }
        session.connection.exit(old)
        announce(notice(.left, session, in: old, members: members[old]))
        unfollow(.room(old), for: session)

        session.moved(leaving: [old], entering: room)
        let arrival = notice(.joined, session, in: room, members: members[room])
        session.connection.enter(room, showing: arrival)
        announce(arrival)
        return true
    }

    /// Whether a session may be in one room more. One that was taken over keeps what it has, however many that are.
    ///
    /// - Throws: ``ChatError/Code/tooManyRooms``.
    public func checkRooms(_ session: Session, entering room: RoomName, stay: Bool) throws(ChatError) {
        guard stay, session.rooms.count >= limits.roomsPerSession, !session.isIn(room) else { return }
        throw .tooManyRooms(limit: limits.roomsPerSession)
    }

    /// Enters `room`, which the session may be in already, and makes it the current one. Those who are told are the others.
    ///
    /// - Parameter stay: keep the other rooms.
    /// - Returns: the room's members, and the rooms that were left.
    /// - Throws: ``ChatError/Code/tooManyRooms``, ``ChatError/Code/unavailable``. Then the session is where it was.
    public func join(
        _ session: Session, _ room: RoomName, stay: Bool
    ) async throws(ChatError) -> (members: Int, left: [RoomName]) {
        try checkRooms(session, entering: room, stay: stay)
        let isNew = !session.isIn(room)
        let left = stay ? [] : session.rooms.filter { $0 != room }
        let members = try await presence.move(session.id, leaving: Set(left), entering: room)
        session.moved(leaving: Set(left), entering: room)
        for room in left { announce(notice(.left, session, in: room, members: members[room])) }
        if isNew { announce(notice(.joined, session, in: room, members: members[room])) }
        return (members[room] ?? 1, left)
    }

    /// Leaves a room, by default the current one. A session that would be in none is put in `global`.
    ///
    /// - Returns: the room that was left, and `global`'s members where the session was put there.
    /// - Throws: ``ChatError/Code/notInRoom``, ``ChatError/Code/unavailable``. Then the session is where it was.
    public func leave(
        _ session: Session, _ room: RoomName?
    ) async throws(ChatError) -> (left: RoomName, membersOfGlobal: Int?) {
        let room = room ?? session.currentRoom
        guard session.isIn(room) else { throw .notInRoom(room) }
        let isLast = session.rooms.count == 1
        // Who leaves `global` for want of another room is there again at once, and nobody has noticed.
        let leaving: Set<RoomName> = isLast && room == .global ? [] : [room]
        let members = try await presence.move(session.id, leaving: leaving, entering: isLast ? .global : nil)
        session.moved(leaving: leaving, entering: isLast ? .global : nil)
        if !leaving.isEmpty {
            announce(notice(.left, session, in: room, members: members[room]))
            if isLast { announce(notice(.joined, session, in: .global, members: members[.global])) }
        }
        return (room, isLast ? members[.global] ?? 1 : nil)
    }

    /// How many a room has now, for a session that has missed who came and went.
    ///
    /// - Returns: nil where the session is not in the room.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func members(of room: RoomName, for session: Session) async throws(ChatError) -> MembersNotice? {
        guard session.isIn(room) else { return nil }
        let members = try await presence.users(in: room, ListRange(limit: 1)).total
        return MembersNotice(room: room, members: members, joined: 0, left: 0, timestamp: time.wall())
    }

    /// What the names of a page may take together, in bytes. A thousand names that obey our rules take less; those of an
    /// original server that shares our store may be of any length.
    private static let listBytes = 256 << 10

    /// A part of the list of all users in the cluster, or of those in one room.
    public func users(
        in room: RoomName? = nil, _ range: ListRange = ListRange()
    ) async throws(ChatError) -> ListPage<String> {
        try await presence.users(in: room, range).bounded(to: Self.listBytes) { $0.utf8.count }
    }

    /// A part of the list of all rooms that have members.
    public func rooms(_ range: ListRange = ListRange()) async throws(ChatError) -> ListPage<RoomSummary> {
        try await presence.rooms(range).bounded(to: Self.listBytes) { $0.name.utf8.count }
    }
}

extension ChatService {
    func notice(
        _ change: MembershipNotice.Change, _ session: Session, in room: RoomName, members: Int?
    ) -> MembershipNotice {
        MembershipNotice(
            change, room: room, username: session.username, session: session.id, members: members,
            timestamp: time.wall())
    }

    /// Tells the room; where the bus is down, at least its members on this instance.
    func announce(_ notice: MembershipNotice) {
        do {
            try bus.announce(.membership(notice))
        } catch {
            receive(notice)
        }
    }

    /// Following happens under the lock, so that the bus hears “first reader” and “last reader” in the order in which
    /// they happened. The bus waits for no answer in either, and calls nothing of ours.
    func enterInterest(in topic: Topic) throws(ChatError) {
        try interest.withLock { interest throws(ChatError) in
            guard interest.enter(topic) else { return }
            feeds.open(topic)
            do throws(ChatError) {
                try bus.follow(topic)
                attention.continuation.yield()  // the log is asked where the topic stands
            } catch {
                feeds.close(topic)
                _ = interest.leave(topic)
                throw error
            }
        }
    }

    func leaveInterest(in topic: Topic) {
        interest.withLock { interest in
            guard interest.leave(topic) else { return }
            bus.unfollow(topic)
            feeds.close(topic)
        }
    }
}
