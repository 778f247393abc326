import Domain

/// The record of one session in Redis; ``PresenceScripts`` describes the format.
struct PresenceRecord: Equatable, Sendable {
    let username: Username
    /// The digest of the secret with which the client can take over; empty: nobody can take over.
    let digest: String
    /// Empty if it is not known.
    let inboxStart: String
    /// The number of earlier sessions with the same secret.
    let generation: Int
    /// Oldest first.
    private(set) var rooms: [RoomName]

    init(username: Username, digest: String = "", inboxStart: String = "", generation: Int = 0, rooms: [RoomName]) {
        self.username = username
        self.digest = digest
        self.inboxStart = inboxStart
        self.generation = generation
        self.rooms = rooms
    }

    /// The room that is entered becomes the latest one, even if the session was already in it.
    mutating func move(leaving: Set<RoomName>, entering: RoomName?) {
        rooms.removeAll { $0 == entering || leaving.contains($0) }
        if let entering { rooms.append(entering) }
    }

    /// The session's value in the lease's hash. It does not repeat which session was succeeded: that is needed only to
    /// undo the claim.
    func text(of session: SessionID) -> String {
        let head = "\(session.text);\(digest);\(inboxStart);\(generation);"
        return ([head] + rooms.map(\.text)).joined(separator: " ")
    }
}
