import Domain
import Service
import Wire

/// Lists and their parts.
extension V2Event {
    init(_ users: ListPage<String>, in room: RoomName?) {
        self = .userList(room: room?.text, users: users.elements, more: users.more, total: users.totalUnlessWhole)
    }

    init(_ rooms: ListPage<RoomSummary>) {
        let lines = rooms.elements.map { V2Room(name: $0.name, members: $0.members) }
        self = .roomList(lines, more: rooms.more, total: rooms.totalUnlessWhole)
    }
}

extension ListPage {
    /// A whole list looks as it did before there were parts.
    fileprivate var totalUnlessWhole: Int? { total == elements.count ? nil : total }
}

extension ListRange {
    init(_ range: V2ListRange) {
        self.init(after: range.after, limit: range.limit ?? Self.maximumLimit)
    }
}
