import Search

/// The times at which each client was in each room, on one connection.
struct Stay: Equatable, Sendable {
    enum Ending: Equatable, Sendable {
        case left
        /// The session ended.
        case quit
        /// The connection ended; the session may live on for its grace period.
        case cutOff
        /// The client was in the room to the end.
        case stayed
    }

    /// An index into the history's clients.
    var client: Int
    var room: String
    /// The server to which the client was connected.
    var address: String
    var from: Moment
    var until: Moment
    var ending: Ending
    /// Whether the client was already in the room, as after a reconnect.
    var isResume: Bool
    /// When the client asked to enter; a session's first room is entered with the upgrade.
    var enterAsked: Moment
    /// When it asked to leave, if it did.
    var leaveAsked: Moment?
}

/// The stays of all clients, and the times that were not peaceful.
struct Stays: Sendable {
    private(set) var all: [Stay] = []
    /// The times at which connections were lost, a client was refused with `unavailable` or a server was frozen:
    /// notices may be missing then.
    private(set) var troubles: [Moment] = []
    private let silences: [Silence]

    init(_ history: History) {
        let end = history.clients.compactMap(\.entries.last?.at).max() ?? .start
        silences = Silence.find(in: history)
        for silence in silences {
            troubles.append(silence.to)
            var moment = silence.from
            while moment < silence.to {
                troubles.append(moment)
                moment = moment + Silence.shortest
            }
        }
        for (index, client) in history.clients.enumerated() where client.role != .classic {
            follow(client, index, end)
        }
        troubles.sort()
    }

    private mutating func follow(_ client: ClientLog, _ index: Int, _ end: Moment) {
        var current: [String: Stay] = [:]
        // The rooms of the session, connected or not.
        var memberships: Set<String> = []
        // A room that the session has not entered yet may have been entered with its first upgrade, and announced then.
        var connecting = Moment.start
        var enteredBefore: Set<String> = []
        var isNew = true
        var address = ""
        var asked: [String: Moment] = [:]
        func close(_ room: String, _ ending: Stay.Ending, _ at: Moment) {
            guard var stay = current.removeValue(forKey: room) else { return }
            stay.until = at
            stay.ending = ending
            all.append(stay)
        }
        for entry in client.entries {
            switch entry.event {
            case .connecting where isNew:
                connecting = entry.at
                enteredBefore = []
            case .connected(let server, _):
                address = server
                isNew = false
            case .entering(let room):
                // A request whose answer was lost with the connection may have been done.
                if asked[room] == nil { asked[room] = entry.at }
            case .leaving(let room): current[room]?.leaveAsked = entry.at
            case .entered(let entrance):
                let others = entrance.keepsOthers ? [] : current.keys.filter { $0 != entrance.room }
                for room in others {
                    current[room]?.leaveAsked = asked[entrance.room]
                    close(room, .left, entry.at)
                }
                if !entrance.keepsOthers { memberships.formIntersection([entrance.room]) }
                let wasIn = !memberships.insert(entrance.room).inserted
                let isFirst = enteredBefore.insert(entrance.room).inserted
                close(entrance.room, .cutOff, entry.at)
                current[entrance.room] = Stay(
                    client: index, room: entrance.room, address: address, from: entry.at, until: entry.at,
                    ending: .stayed, isResume: wasIn,
                    enterAsked: isFirst ? connecting : asked[entrance.room] ?? entry.at)
                asked[entrance.room] = nil
            case .left(let room):
                close(room, .left, entry.at)
                memberships.remove(room)
                asked[room] = nil
            case .disconnected(let end):
                for room in Array(current.keys) { close(room, end.cause == .quit ? .quit : .cutOff, entry.at) }
                if end.cause == .quit {
                    memberships = []
                    asked = [:]
                    isNew = true
                }
                if end.cause == .lost || end.cause == .unreachable { troubles.append(entry.at) }
            case .refused(_, let code, _) where code == "unavailable": troubles.append(entry.at)
            default: break
            }
        }
        for room in Array(current.keys) { close(room, .stayed, end) }
    }

    /// Whether nothing went wrong for any client from `low` to `high`.
    func isPeaceful(from low: Moment, to high: Moment) -> Bool {
        let next = troubles.partitioningIndex { $0 >= low }
        return next == troubles.endIndex || troubles[next] > high
    }

    /// Whether the client's server had been frozen at `moment`, or shortly before it: then others may have taken the
    /// client for gone.
    func isMute(_ stay: Stay, at moment: Moment) -> Bool {
        silences.contains {
            $0.address == stay.address && $0.from < moment && moment <= $0.to + Silence.shortest
        }
    }

    /// The clients that were in `room` at `moment`, if they were connected then. Whether the others were there is
    /// unknown until they come back.
    func members(of room: String?, at moment: Moment) -> Set<Int> {
        Set(
            all.filter { stay in
                (room == nil || stay.room == room) && stay.from <= moment
                    && (stay.until > moment || stay.ending == .stayed)
            }.map(\.client))
    }
}
