public import Domain

extension ChatService {
    /// Enters `room`, which the session may be in already, and makes it the current one. Everybody else in the rooms is told
    /// what is news to them. From now on the session follows the room, and may read it.
    ///
    /// - Parameters:
    ///   - stay: keep the other rooms.
    ///   - goLive: for a reader without history, which is in its rooms live; nil for one that reads the log.
    ///   - stopReading: for a reader of the log. Called for each room that is left, while the session still follows it.
    /// - Returns: the room's members, and the rooms that were left.
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/tooManyRooms``, ``ChatError/Code/unavailable``. Then the
    ///   session is where it was.
    @discardableResult
    public func enter(
        _ room: RoomName, _ session: Session, stay: Bool, goLive: GoLive? = nil, stopReading: StopReading? = nil
    ) async throws(ChatError) -> (members: Int, left: [RoomName]) {
        // Before anything is subscribed to.
        try session.principal.permissions.checkMayRead(room)
        try checkRooms(session, entering: room, stay: stay)
        let left = stay ? [] : session.rooms.filter { $0 != room }
        let members = try await move(session, leaving: left, entering: room, goLive, stopReading).members
        return (members[room] ?? 1, left)
    }

    /// Whether a session may be in one room more. One that was taken over keeps what it has, however many that are.
    private func checkRooms(_ session: Session, entering room: RoomName, stay: Bool) throws(ChatError) {
        guard stay, session.rooms.count >= limits.roomsPerSession, !session.isIn(room) else { return }
        throw .tooManyRooms(limit: limits.roomsPerSession)
    }

    /// Leaves a room, by default the current one. A session that would be in none is put in `global`, if it may read that.
    ///
    /// - Parameters:
    ///   - goLive: for a reader without history; nil for one that reads the log.
    ///   - stopReading: for a reader of the log. Called for the room, while the session still follows it.
    /// - Returns: the room that was left, and `global`'s members where the session was put there.
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/notInRoom``, ``ChatError/Code/unavailable``. Then the session
    ///   is where it was.
    public func leave(
        _ room: RoomName?, _ session: Session, goLive: GoLive? = nil, stopReading: StopReading? = nil
    ) async throws(ChatError) -> (left: RoomName, membersOfGlobal: Int?) {
        let room = try session.room(toReadIn: room)
        let resort = session.rooms.count == 1 ? session.principal.permissions.lastResort : nil
        // Leaving `global` as the last room would put the user straight back, so nothing changes and nobody is told.
        let left = room == resort ? [] : [room]
        let members = try await move(session, leaving: left, entering: resort, goLive, stopReading).members
        if left.isEmpty { stopReading?(room) }
        return (room, resort.map { members[$0] ?? 1 })
    }

    /// Takes a session from some rooms into another, and tells everybody else in them where it is the first session of its
    /// user or the last.
    func move(
        _ session: Session, leaving left: [RoomName], entering room: RoomName?, _ goLive: GoLive?,
        _ stopReading: StopReading?
    ) async throws(ChatError) -> Moved {
        let followsAnew = if let room { try follow(.room(room), for: session) } else { false }
        if let room, goLive != nil { await topics.awaitStart(of: .room(room)) }
        let isNew = room.map { !session.isIn($0) } ?? false
        let moved: Moved
        do throws(ChatError) {
            moved = try await presence.move(session.id, leaving: Set(left), entering: room)
        } catch {
            if followsAnew, let room { unfollow(.room(room), for: session) }
            throw error
        }
        session.moved(leaving: Set(left), entering: room)
        let departures = left.filter { moved.news[$0] != nil }.map { notice(.left, session, in: $0, moved) }
        let arrival = room.flatMap { isNew ? notice(.joined, session, in: $0, moved) : nil }
        goLive?(Move(left: left, arrival: arrival))
        for departure in departures { await announce(departure, moved.news[departure.room]) }
        if let arrival, let news = moved.news[arrival.room] { await announce(arrival, news) }
        for room in left {
            // First: who still reads a topic that was followed anew meanwhile would be shown it with a hole.
            stopReading?(room)
            unfollow(.room(room), for: session)
        }
        return moved
    }

    /// How many a room has now, for a session that has missed who came and went.
    ///
    /// - Returns: nil where the session is not in the room.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func members(of room: RoomName, for session: Session) async throws(ChatError) -> MembersNotice? {
        guard session.isIn(room) else { return nil }
        let members = try await presence.users(in: room, ListRange(limit: 1)).total
        return MembersNotice(room: room, members: members ?? 1, joined: 0, left: 0, timestamp: time.wall())
    }
}

extension ChatService {
    /// - Parameter news: what the store has said of it, where it could.
    func notice(
        _ change: MembershipNotice.Change, _ session: Session, in room: RoomName, members: Int?, _ news: PresenceNews?
    ) -> MembershipNotice {
        MembershipNotice(
            id: news?.keptAs ?? RandomToken.make(), change, room: room, username: session.username,
            session: session.id, members: members, timestamp: time.wall())
    }

    func notice(
        _ change: MembershipNotice.Change, _ session: Session, in room: RoomName, _ moved: Moved
    ) -> MembershipNotice {
        notice(change, session, in: room, members: moved.members[room], moved.news[room])
    }

    /// Tells the room; where the bus is down, at least its members on this instance. What the store keeps is told by somebody
    /// when the bus is back.
    func announce(_ notice: MembershipNotice, _ news: PresenceNews?) async {
        activity.note(ActivityEvent(notice))
        do throws(ChatError) {
            try bus.announce(.membership(notice))
        } catch {
            return await topics.tell(notice)
        }
        if let kept = news?.keptAs { await presence.told([kept]) }
    }
}
