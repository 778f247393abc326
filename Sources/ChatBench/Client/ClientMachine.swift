import Wire

/// A correct client of `chat.v2`. It keeps its session's secret, returns when it is cut off, resumes its rooms where it
/// stopped, and sends pending messages again once a resume has shown which of them were stored.
///
/// Pure: it is told what happens and when, records it, and returns ``Action``s for its owner to perform.
struct ClientMachine {
    enum Action: Equatable {
        /// `address` is an index into the identity's addresses.
        case connect(address: Int, session: String?, room: String)
        case send(V2Request)
        /// Say goodbye with 1000.
        case close
        /// Drop the connection without a goodbye.
        case abandon
    }

    enum Phase: Equatable {
        case waiting(until: Moment)
        case connecting(since: Moment)
        /// Since the server's `welcome`; nil before it.
        case connected(since: Moment?)
        /// Waits for the server to close the connection after a goodbye, and stays away at least until then.
        case leaving(since: Moment, until: Moment)
        /// Never comes back.
        case gone
    }

    /// How long a server may take to accept a connection, and to answer any request.
    static let patience = Duration.seconds(15)
    /// Longer than two of the server's pings.
    static let longestSilence = Duration.seconds(60)

    let identity: Identity
    var log: ClientLog
    var actions: [Action] = []
    var phase = Phase.waiting(until: Moment(nanoseconds: .max))
    var random: SeededRandom
    /// The session's secret, from the latest `welcome`.
    var secret: String?
    var address: Int
    /// Consecutive connects without success.
    var failures = 0
    var isReady = false
    /// The rooms in which the client wants to be, in the order in which they are resumed.
    var rooms: [RoomState]
    /// The place where the client stopped in each room in which it ever was.
    var positions: [String: V2Position] = [:]
    var inbox = InboxState()
    var pending: [PendingMessage] = []
    var asked: [String: Asked] = [:]
    var sentCount = 0
    var refCount = 0
    /// The client says goodbye once nothing is pending.
    var goodbye: Departure?
    /// The server asked the client to reconnect at this time.
    var returnAt: Moment?
    var lastHeard = Moment.start
    /// While the client does not read, it cannot expect answers.
    var readsSince = Moment.start
    var isReading = true
    private(set) var wakeAt = Moment(nanoseconds: .max)

    init(_ identity: Identity) {
        self.identity = identity
        log = ClientLog(name: identity.clientName, user: identity.name, role: .member)
        random = SeededRandom(seed: identity.seed)
        address = identity.firstAddress
        rooms = identity.rooms.map { RoomState(name: $0) }
    }

    /// The time of the next work: ``tick(_:)`` must be called then.
    mutating func schedule(_ moment: Moment) { wakeAt = min(wakeAt, moment) }

    mutating func takeActions() -> [Action] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    var isConnected: Bool { if case .connected(_?) = phase { true } else { false } }
    var currentAddress: String { identity.addresses[address % identity.addresses.count] }

    // MARK: Time

    mutating func tick(_ now: Moment) {
        guard now >= wakeAt else { return }
        wakeAt = Moment(nanoseconds: .max)
        switch phase {
        case .gone: break
        case .waiting(let until):
            if now >= until { connect(now) } else { schedule(until) }
        case .connecting(let since):
            if now >= since + Self.patience {
                giveUpConnecting("no answer within \(Self.patience)", now)
            } else {
                schedule(since + Self.patience)
            }
        case .connected: tickConnected(now)
        case .leaving(let since, _):
            if now >= since + .seconds(2) { left(now) } else { schedule(since + .seconds(2)) }
        }
    }

    private mutating func tickConnected(_ now: Moment) {
        if let returnAt, now >= returnAt {
            self.returnAt = nil
            return cutOff(.dropped, "asked to reconnect", comeBackAt: now, now)
        }
        if isReading {
            let oldest = asked.values.map(\.at).min().map { max($0, readsSince) }
            if let oldest, now >= oldest + Self.patience {
                return cutOff(.lost, "no answer within \(Self.patience)", comeBackAt: now, now)
            }
            if now >= max(lastHeard, readsSince) + Self.longestSilence {
                return cutOff(.lost, "silent for \(Self.longestSilence)", comeBackAt: now, now)
            }
        }
        enterRooms(now)
        pump(now)
        schedule(now + .seconds(1))
        if let returnAt { schedule(returnAt) }
    }

    // MARK: Small parts

    struct RoomState: Equatable {
        enum Status: Equatable {
            case outside
            case joining
            case recovering
            case live
            case leaving
        }

        var name: String
        var status = Status.outside
        /// The room is not entered before.
        var wantedFrom = Moment.start
        /// Enter as a client that has seen nothing.
        var entersFresh = false
        /// The newest entry of the room when the client entered it.
        var lastSequence: UInt64 = 0
        /// True: everything since the last time comes, in as many frames as needed. False: one frame of the latest
        /// messages.
        var isResumed = false
        /// The room is left once no message of the client is pending in it.
        var departure: Departure?
    }

    struct Departure: Equatable {
        /// The length of the absence; nil: for good.
        var pause: Duration?
        /// Whether it returns as a client that has seen nothing.
        var forgets = true
    }

    struct InboxState: Equatable {
        var isAsked = false
        var isRead = false
        var position: V2Position?
        var retryAt = Moment.start
    }

    struct PendingMessage: Equatable {
        var message: Message
        var isInFlight = false
        var tries = 0
        var retryAt = Moment.start
    }

    /// The request to which a reference belongs.
    struct Asked: Equatable {
        enum Request: Equatable {
            case join(V2Join)
            case leave(String)
            case say(id: String)
            case inbox(V2Position?)
            case page(PageRequest)
        }

        var request: Request
        var at: Moment
    }
}
