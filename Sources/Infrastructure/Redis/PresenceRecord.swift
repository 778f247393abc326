import Domain

/// One session as it is to stand in Redis; ``PresenceScripts`` has the format.
struct PresenceRecord: Equatable, Sendable {
    let username: Username
    /// Of the secret that lets the client take over; empty: nobody can.
    let digest: String
    /// Empty where nobody knows.
    let inboxStart: String
    /// How many sessions of the secret there were before.
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

    /// The room that is entered is the latest from then on, also where the session was in it already.
    mutating func move(leaving: Set<RoomName>, entering: RoomName?) {
        rooms.removeAll { $0 == entering || leaving.contains($0) }
        if let entering { rooms.append(entering) }
    }

    /// The session's value in the lease's hash. Whom it has succeeded is not said again: that was for undoing its claim.
    func text(of session: SessionID) -> String {
        let head = "\(session.text);\(digest);\(inboxStart);\(generation);"
        return ([head] + rooms.map(\.text)).joined(separator: " ")
    }
}
