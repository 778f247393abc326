/// The user's session, which outlives connections: unsettled lines, rooms, and how far every log was read.
struct ClientSession: Sendable {
    let configuration: ClientConfiguration
    /// The dialect of this connection, or of the last one.
    var dialect = Dialect.classic
    var outbox = Outbox()
    var rooms: RoomTracker
    var v2: V2Memory

    init(_ configuration: ClientConfiguration) {
        self.configuration = configuration
        rooms = RoomTracker(username: configuration.username, room: configuration.room)
        v2 = V2Memory(username: configuration.username)
    }

    /// Takes the user's name from the greeting of a classic connection, if only the token has told it so far.
    mutating func learnName(from greeting: String) {
        rooms.learnName(from: greeting)
        if v2.username.isEmpty { v2.learn(username: rooms.username) }
    }

    /// The room in which the user will be after all pending lines.
    var nextRoom: String { outbox.destination ?? rooms.current }

    /// Whether the user is in that room, or will be after all pending lines.
    func isHeading(for room: String) -> Bool {
        let isCurrent = room == (dialect == .classic ? rooms.current : rooms.confirmed)
        return isCurrent || rooms.kept.contains(room) || outbox.leads(to: room)
    }

    /// Reports a line that will not be sent. In a pipe the exit code says so, too.
    /// - Parameter item: a line that was already removed from the outbox.
    mutating func fail(_ item: Outgoing, because reason: String) -> ClientEffect {
        outbox.noteLoss()
        guard let place = item.request.place, let content = item.request.content else {
            return .show(.failed(line: item.line, reason: reason))
        }
        return .report(.failed(id: item.id, place, content: content, line: item.line, reason: reason))
    }

    /// Fails the lines that were meant for a room that could not be entered, so that they are not sent to another one.
    /// - Parameter room: the user's room; `nil`: none.
    mutating func failStranded(in room: String?) -> [ClientEffect] {
        let kept = rooms.kept
        let stranded = outbox.removeBeforeNextMove { item in
            switch item.request {
            case .say(_, room: let meant), .history(room: let meant, before: _, count: _):
                meant != room && !kept.contains(meant)
            default: false
            }
        }
        return stranded.map { fail($0, because: room.map { "you are in the room \($0)" } ?? "you are in no room") }
    }

    /// The exit code of a script.
    /// - Parameter wasEverOpen: whether a server was ever reached, which may then have unconfirmed lines.
    func outcome(of code: ExitCode, wasEverOpen: Bool) -> ExitCode {
        if configuration.isInteractive { return code }
        switch code {
        case .success, .incomplete, .unacknowledged, .outputClosed:
            return outbox.isEmpty ? (outbox.hasLost ? .incomplete : code) : .unacknowledged
        case .unreachable: return wasEverOpen && !outbox.isEmpty ? .unacknowledged : code
        case .usage, .refused, .outputFailed, .hangup, .interrupt, .terminate: return code
        }
    }

    /// Reports the lines that are left at the end. Classic lines that the transport has are written before the close
    /// frame, so they are sent. In `chat.v2` the server has not said what became of them.
    func notice(of items: [Outgoing]) -> [ClientEffect] {
        let unconfirmed = items.count { $0.isUncertain || $0.sentAt != nil && dialect == .v2 }
        return [(items.count - unconfirmed, "sent"), (unconfirmed, "confirmed by the server")].compactMap {
            count, what in
            switch count {
            case 0: nil
            case 1: .show(.status("1 line was not \(what)"))
            default: .show(.status("\(count) lines were not \(what)"))
            }
        }
    }
}
