/// All that happened in a run: what the judge judges.
struct History: Equatable, Sendable {
    /// Unique per run. The names of its clients and rooms begin with it; others are none of the run's business.
    var run: String
    var clients: [ClientLog] = []

    /// Whether a user or a room belongs to the run.
    func owns(_ name: String) -> Bool { name.hasPrefix(run + "-") }
}

/// What one client saw, in the order in which it saw it.
struct ClientLog: Equatable, Sendable {
    enum Role: String, Sendable {
        /// Talks and listens in the v2 dialect.
        case member
        /// Listens in the classic dialect.
        case classic
        /// Comes when all is quiet, asks for lists and reads the rooms' whole history.
        case reader
    }

    struct Entry: Equatable, Sendable {
        var at: Moment
        var event: Event
    }

    var name: String
    var role: Role
    var entries: [Entry] = []

    mutating func append(_ event: Event, at moment: Moment) {
        entries.append(Entry(at: moment, event: event))
    }
}
