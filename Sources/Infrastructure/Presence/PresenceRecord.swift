package import Domain

/// What a store that instances share holds of one session.
package struct PresenceRecord: Equatable, Sendable {
    package let username: Username
    /// The digest of the secret with which the client can take over; empty: nobody can take over.
    package let digest: String
    /// Empty if it is not known.
    package let inboxStart: String
    /// The number of earlier sessions with the same secret.
    package let generation: Int
    /// Whether the session shares its name with others of its user.
    package let isShared: Bool
    /// Oldest first.
    package private(set) var rooms: [RoomName]

    package init(
        username: Username, digest: String = "", inboxStart: String = "", generation: Int = 0, isShared: Bool = false,
        rooms: [RoomName]
    ) {
        self.username = username
        self.digest = digest
        self.inboxStart = inboxStart
        self.generation = generation
        self.isShared = isShared
        self.rooms = rooms
    }

    /// The room that is entered becomes the latest one, even if the session was already in it.
    package mutating func move(leaving: Set<RoomName>, entering: RoomName?) {
        rooms.removeAll { $0 == entering || leaving.contains($0) }
        if let entering { rooms.append(entering) }
    }
}
