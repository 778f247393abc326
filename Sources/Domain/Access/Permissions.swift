/// In which rooms somebody may read, and in which they may write. A pure value.
///
/// Where patterns of both lists match a room, the one that describes it more closely counts: with `team-*` for writing and
/// `team-news` for reading, `team-news` is read only; with `dev` for writing and `*` for reading, `dev` may be written to.
/// Where both describe it equally closely, it is read only.
public struct Permissions: Hashable, Sendable {
    /// Where one may read and write; nil: everywhere.
    public let rooms: [RoomPattern]?
    /// Where one may read only.
    public let readRooms: [RoomPattern]

    /// Everything.
    public static let all = Permissions(rooms: nil, readRooms: [])

    /// Nothing, as for somebody who has not said who they are where that is asked for.
    public static let none = Permissions(rooms: [], readRooms: [])

    public init(rooms: [RoomPattern]?, readRooms: [RoomPattern] = []) {
        self.rooms = rooms
        self.readRooms = readRooms
    }

    /// Whether every room may be read, so that nothing needs to be filtered.
    public var mayReadEverything: Bool { rooms == nil || readable.contains { $0.beginning.isEmpty } }

    /// Whether one may be in the room, and be shown what is said there.
    public func mayRead(_ room: RoomName) -> Bool {
        guard let rooms else { return true }
        return rooms.contains { $0.matches(room) } || readRooms.contains { $0.matches(room) }
    }

    /// Whether one may say something in the room, where others are shown it.
    public func mayWrite(_ room: RoomName) -> Bool {
        guard let closest = Self.closeness(of: rooms, to: room) else { return false }
        guard !readRooms.isEmpty, let readOnly = Self.closeness(of: readRooms, to: room) else { return true }
        return closest > readOnly
    }

    /// All patterns whose rooms may be read; empty where ``rooms`` is nil and no pattern is needed.
    public var readable: [RoomPattern] { (rooms ?? []) + readRooms }

    /// - Parameter patterns: nil: all rooms match, as with `*`.
    private static func closeness(of patterns: [RoomPattern]?, to room: RoomName) -> Int? {
        guard let patterns else { return 0 }
        return patterns.lazy.compactMap { $0.closeness(to: room) }.max()
    }
}
