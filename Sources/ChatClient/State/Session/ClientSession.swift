/// What the user has in the chat, whichever connection carries it: the lines that are not settled, the rooms, and how far
/// everything was read.
struct ClientSession: Sendable {
    let configuration: ClientConfiguration
    /// Of this connection, or of the last one.
    var dialect = Dialect.classic
    var outbox = Outbox()
    var rooms: RoomTracker
    var v2: V2Memory

    init(_ configuration: ClientConfiguration) {
        self.configuration = configuration
        rooms = RoomTracker(username: configuration.username, room: configuration.room)
        v2 = V2Memory(username: configuration.username)
    }

    /// The room one will be in once all that was typed before is done.
    var nextRoom: String { outbox.destination ?? rooms.current }

    /// The user is in that room, or will be once all that was asked for is done.
    func isHeading(for room: String) -> Bool {
        let isCurrent = room == (dialect == .classic ? rooms.current : rooms.confirmed)
        return isCurrent || rooms.kept.contains(room) || outbox.leads(to: room)
    }

    /// A line that will not be sent: said aloud, and in a pipe by the exit code, too.
    /// - Parameter item: has left the outbox.
    mutating func fail(_ item: Outgoing, because reason: String) -> ClientEffect {
        outbox.noteLoss()
        guard let place = item.request.place, let content = item.request.content else {
            return .show(.failed(line: item.line, reason: reason))
        }
        return .report(.failed(id: item.id, place, content: content, line: item.line, reason: reason))
    }

    /// Lines for a room that was not entered after all must not be said in another.
    /// - Parameter room: where the user is; `nil` for nowhere.
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

    /// What a script is told about how it went.
    /// - Parameter wasEverOpen: the server was there: what is left may be with it.
    func outcome(of code: ExitCode, wasEverOpen: Bool) -> ExitCode {
        if configuration.isInteractive { return code }
        switch code {
        case .success, .incomplete, .unacknowledged, .outputClosed:
            return outbox.isEmpty ? (outbox.hasLost ? .incomplete : code) : .unacknowledged
        case .unreachable: return wasEverOpen && !outbox.isEmpty ? .unacknowledged : code
        case .usage, .refused, .outputFailed, .hangup, .interrupt, .terminate: return code
        }
    }

    /// Says what is left behind. Classic lines already with the transport stand before the close frame and are sent; in
    /// `chat.v2` the server has not said what became of them.
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
