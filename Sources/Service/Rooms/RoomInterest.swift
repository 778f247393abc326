import Domain

/// Counts this instance's members per room, and says when the first comes and the last goes.
///
/// The bus is told at exactly these moments: one subscription per active room, however many members.
struct RoomInterest {
    private var members: [RoomName: Int] = [:]

    /// Rooms with at least one member here.
    var activeRooms: Int { members.count }

    /// - Returns: whether this is the room's first member here.
    mutating func enter(_ room: RoomName) -> Bool {
        members[room, default: 0] += 1
        return members[room] == 1
    }

    /// - Returns: whether that was the room's last member here. Leaving a room that has none changes nothing.
    mutating func leave(_ room: RoomName) -> Bool {
        guard let count = members[room] else { return false }
        members[room] = count > 1 ? count - 1 : nil
        return count == 1
    }
}
