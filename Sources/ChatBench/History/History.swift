/// Everything that happened in a run: the input of the judge.
struct History: Equatable, Sendable {
    /// Unique per run. The names of its clients and rooms begin with it; other names do not belong to the run.
    var run: String
    /// Whether the clients had tokens, so that names and inboxes belong to users.
    var usesTokens = false
    var clients: [ClientLog] = []

    /// Whether a user or a room belongs to the run.
    func owns(_ name: String) -> Bool { name.hasPrefix(run + "-") }
}

/// What one client saw, in the order in which it saw it.
struct ClientLog: Equatable, Sendable {
    enum Role: String, Sendable {
        /// Sends and reads in the v2 dialect.
        case member
        /// Only reads, in the classic dialect.
        case classic
        /// Connects when everything is settled, asks for lists and reads the whole history of the rooms.
        case reader
    }

    struct Entry: Equatable, Sendable {
        var at: Moment
        var event: Event
    }

    /// Names the client in the history.
    var name: String
    /// The name of its user, who may have several clients at a time.
    var user: String
    var role: Role
    var entries: [Entry] = []

    /// - Parameter user: nil if the user has no other client, so that both have one name.
    init(name: String, user: String? = nil, role: Role) {
        self.name = name
        self.user = user ?? name
        self.role = role
    }

    mutating func append(_ event: Event, at moment: Moment) {
        entries.append(Entry(at: moment, event: event))
    }
}
