import Domain

/// Which part of what Redis is to hold an instance looks at with its next beat, so that in time it has looked at all of it.
///
/// A part has a greatest size, so a beat costs the same however many users an instance has.
struct PresenceRounds {
    /// Three milliseconds of Redis's time, and the rooms as much again, as measured.
    static let sessionsPerBeat = 500
    static let roomsPerBeat = 2000

    struct Part {
        var sessions: [SessionID] = []
        /// Of each room one user who is in it.
        var rooms: [(name: RoomName, member: Username)] = []
        /// All that was wanted when the part was chosen.
        var wanted: [SessionID: PresenceRecord] = [:]

        /// Sessions that are in one of these rooms.
        func sessions(in rooms: Set<RoomName>) -> [SessionID] {
            wanted.filter { !rooms.isDisjoint(with: $0.value.rooms) }.map(\.key)
        }
    }

    private var sessions: ArraySlice<SessionID> = []
    private var rooms: ArraySlice<(name: RoomName, member: SessionID)> = []
    private var takesLast = false

    mutating func next(of wanted: [SessionID: PresenceRecord]) -> Part {
        if sessions.isEmpty { sessions = Array(wanted.keys)[...] }
        if rooms.isEmpty { rooms = witnesses(wanted) }
        var part = Part(wanted: wanted)
        part.sessions = sessions.prefix(Self.sessionsPerBeat).filter { wanted[$0] != nil }
        part.rooms = rooms.prefix(Self.roomsPerBeat).compactMap { room in
            guard let record = wanted[room.member], record.rooms.contains(room.name) else { return nil }
            return (room.name, record.username)
        }
        sessions = sessions.dropFirst(Self.sessionsPerBeat)
        rooms = rooms.dropFirst(Self.roomsPerBeat)
        return part
    }

    /// One member of each room, and another one in the next round: the only one whom a room that was lost has may be one
    /// who came later.
    private mutating func witnesses(
        _ wanted: [SessionID: PresenceRecord]
    ) -> ArraySlice<(name: RoomName, member: SessionID)> {
        var found: [RoomName: SessionID] = [:]
        for (session, record) in wanted {
            for room in record.rooms where takesLast || found[room] == nil { found[room] = session }
        }
        takesLast.toggle()
        return found.map { (name: $0.key, member: $0.value) }[...]
    }
}
