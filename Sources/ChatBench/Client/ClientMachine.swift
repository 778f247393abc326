import Wire

/// A good client of `chat.v2`: it keeps its session's secret, comes back when it is cut off, resumes its rooms where it
/// stopped, and resends what is pending once a resume has settled what became of it.
///
/// Pure: it is told what happens and when, records it, and leaves ``Action``s for its owner to perform.
struct ClientMachine {
    enum Action: Equatable {
        /// `address` is an index into the identity's addresses.
        case connect(address: Int, session: String?, room: String)
        case send(V2Request)
        /// Say goodbye with 1000.
        case close
        /// Drop the connection without a word.
        case abandon
    }

    enum Phase: Equatable {
        case waiting(until: Moment)
        case connecting(since: Moment)
        /// `since` the server's `welcome`; nil before it.
        case connected(since: Moment?)
        /// Waits for the server to hang up after a goodbye, and stays away until then at least.
        case leaving(since: Moment, until: Moment)
        /// Never comes back.
        case gone
    }

    /// How long a server may take for a connection, and for any answer.
    static let patience = Duration.seconds(15)
    /// Longer than two of the server's pings.
    static let longestSilence = Duration.seconds(60)

    let identity: Identity
    var log: ClientLog
    var actions: [Action] = []
    var phase = Phase.waiting(until: Moment(nanoseconds: .max))
    var random: SeededRandom
    /// Of the session, from its latest `welcome`.
    var secret: String?
    var address: Int
    /// Connects in a row that led to nothing.
    var failures = 0
    var isReady = false
    /// The rooms that are wanted, in the order in which they are resumed.
    var rooms: [RoomState]
    /// Where the client stopped in each room it ever was in.
    var positions: [String: V2Position] = [:]
    var inbox = InboxState()
    var pending: [PendingMessage] = []
    var asked: [String: Asked] = [:]
    var sentCount = 0
    var refCount = 0
    /// To say goodbye once nothing is pending.
    var goodbye: Departure?
    /// The server asked to come back at this time.
    var returnAt: Moment?
    var lastHeard = Moment.start
    /// Answers cannot be expected while the client does not read.
    var readsSince = Moment.start
    var isReading = true
    private(set) var wakeAt = Moment(nanoseconds: .max)

    init(_ identity: Identity) {
        self.identity = identity
        log = ClientLog(name: identity.name, role: .member)
        random = SeededRandom(seed: identity.seed)
        address = identity.firstAddress
        rooms = identity.rooms.map { RoomState(name: $0) }
    }

    /// Something is due at `moment`: ``tick(_:)`` must be called then.
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
        /// Not to be entered before.
        var wantedFrom = Moment.start
        /// Enter as one who has seen nothing.
        var entersFresh = false
        /// The head when it was entered.
        var lastSequence: UInt64 = 0
        /// All since the last time comes, in as many frames as it takes; otherwise one frame of the latest.
        var isResumed = false
        /// To be left once nothing of the client's own is pending in it.
        var departure: Departure?
    }

    struct Departure: Equatable {
        /// How long it stays away; nil: for good.
        var pause: Duration?
        /// Whether it comes back as one who has seen nothing.
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

    /// What a reference stands for.
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
