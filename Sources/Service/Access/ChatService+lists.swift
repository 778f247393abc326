public import Domain

/// Lists, as far as those who ask may see them.
extension ChatService {
    /// What the names of a page may take together, in bytes. A thousand names that obey our rules take less; those of an
    /// original server that shares our store may be of any length.
    private static let listBytes = 256 << 10

    /// A part of the list of those in a room.
    ///
    /// - Throws: ``ChatError/Code/forbidden``, ``ChatError/Code/unavailable``.
    public func users(
        in room: RoomName, _ range: ListRange = ListRange(), for principal: Principal
    ) async throws(ChatError) -> ListPage<String> {
        try principal.permissions.checkMayRead(room)
        return try await presence.users(in: room, range).boundedNames(to: Self.listBytes)
    }

    /// A part of the list of the users whom a session may see: all in the cluster, or those in its own rooms where it may not
    /// read every room.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    public func users(
        _ range: ListRange = ListRange(), for session: Session
    ) async throws(ChatError) -> ListPage<String> {
        guard !session.principal.permissions.mayReadEverything else {
            return try await presence.users(in: nil, range).boundedNames(to: Self.listBytes)
        }
        var pages: [ListPage<String>] = []
        for room in session.rooms { pages.append(try await presence.users(in: room, range)) }
        return ListPage(merging: pages, range).boundedNames(to: Self.listBytes)
    }

    /// A part of the list of rooms that have members and may be read.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    public func rooms(
        _ range: ListRange = ListRange(), for permissions: Permissions
    ) async throws(ChatError) -> ListPage<RoomSummary> {
        let page =
            permissions.mayReadEverything
            ? try await presence.rooms(range) : try await visibleRooms(range, VisibleRooms(permissions))
        return page.bounded(to: Self.listBytes) { $0.name.utf8.count }
    }

    private func visibleRooms(
        _ range: ListRange, _ visible: VisibleRooms
    ) async throws(ChatError) -> ListPage<RoomSummary> {
        var rooms: [RoomSummary] = []
        for part in visible.parts(after: range.after) {
            // Where the page is full it is asked only whether there is more.
            let limit = part.isName ? 1 : range.limit - rooms.count
            let start = ListRange(from: part.beginning, after: range.after, limit: limit)
            let page = try await presence.rooms(start)
            let found = page.elements.prefix { part.contains($0.name) }
            guard rooms.count < range.limit else {
                if found.isEmpty { continue }
                return ListPage(elements: rooms, more: true, total: nil)
            }
            rooms += found
            if !part.isName, page.more, found.count == page.elements.count {
                return ListPage(elements: rooms, more: true, total: nil)
            }
        }
        return ListPage(elements: rooms, more: false, total: range.after == nil ? rooms.count : nil)
    }

    /// Whether a session may know of a user who is here: themselves, and whoever is in a room with them; everybody, where
    /// every room may be read. So who may read some rooms only does not find out by writing who else there is.
    ///
    /// - Throws: ``ChatError/Code/unavailable``.
    func maySee(_ username: Username, from session: Session) async throws(ChatError) -> Bool {
        if username == session.username || session.principal.permissions.mayReadEverything { return true }
        let first = ListRange(from: username.text, after: nil, limit: 1)
        for room in session.rooms {
            let found = try await presence.users(in: room, first).elements.first
            if let found, ExactText(found) == ExactText(username.text) { return true }
        }
        return false
    }
}

extension ListPage<String> {
    fileprivate func boundedNames(to bytes: Int) -> ListPage { bounded(to: bytes) { $0.utf8.count } }

    /// The first names of several lists that were all read from the same place.
    init(merging pages: [ListPage<String>], _ range: ListRange) {
        let names = Set(pages.joinedElements.map { ExactText($0) }).sorted()
        let first = names.prefix(range.limit).map(\.text)
        // A list that is cut has nothing before its last name that is missing here.
        let more = names.count > range.limit || pages.contains { $0.more }
        self.init(elements: first, more: more, total: more || range.after != nil ? nil : first.count)
    }
}

extension [ListPage<String>] {
    fileprivate var joinedElements: [String] { flatMap(\.elements) }
}
