package import Domain

/// Chooses the part of the presence that an instance checks with its next beat, so that after some beats it has checked
/// everything.
///
/// The size of a part is limited, so the cost of a beat does not depend on the number of users.
package struct PresenceRounds: Sendable {
    /// Measured: three milliseconds of Redis's time, and as much again for the rooms.
    package static let sessionsPerBeat = 500
    package static let roomsPerBeat = 2000

    package struct Part: Sendable {
        package fileprivate(set) var sessions: [SessionID] = []
        /// One user of each room.
        package fileprivate(set) var rooms: [(name: RoomName, member: Username)] = []
        /// Everything that was wanted when the part was chosen.
        package fileprivate(set) var wanted: [SessionID: PresenceRecord] = [:]

        /// Sessions that are in one of these rooms.
        package func sessions(in rooms: Set<RoomName>) -> [SessionID] {
            wanted.filter { !rooms.isDisjoint(with: $0.value.rooms) }.map(\.key)
        }
    }

    private var sessions: ArraySlice<SessionID> = []
    private var rooms: ArraySlice<(name: RoomName, member: SessionID)> = []
    private var takesLast = false

    package init() {}

    package mutating func next(of wanted: [SessionID: PresenceRecord]) -> Part {
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

    /// One member of each room, and a different one in each round: if Redis has lost a room and somebody entered it
    /// later, that user alone would be found in it.
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
