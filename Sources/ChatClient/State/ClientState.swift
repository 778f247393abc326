import Transport

/// The client's mind: events in, effects out, no I/O and no clock of its own.
///
/// Time is given with each event, as what passed since an origin of the shell's choice; what is due by itself is in
/// ``nextDeadline``. The line-mode shell and a full-screen one drive the same value.
struct ClientState: Sendable {
    struct Configuration: Equatable, Sendable {
        var address: ServerAddress
        var username: String
        var room: String?
        /// Someone sits there: keep trying, and end when they say so. Else (a pipe) give up after a while, and send all of
        /// the input before ending.
        var isInteractive: Bool
        /// Input can be left unread while there is no room for it; false where keys have to be read in any case.
        var inputCanWait: Bool
        /// What happens is reported as it is and not as lines of text.
        var hasWindows = false
        /// Where else the chat is to be found.
        var otherAddresses: [ServerAddress] = []
        /// How long a pipe goes without a connection, or without a confirmation after its end; some attempts or
        /// ``Timing/outage`` where nothing was said.
        var patience: Duration?
        /// Never to give up, though nobody sits there.
        var isPersistent = false
        /// Of the messages from before one enters a room, how many are shown; 0–100.
        var history = 50
    }

    enum Dialect: Equatable, Sendable {
        case classic
        case v2
    }

    enum Phase: Equatable, Sendable {
        case idle
        case connecting(deadline: Duration)
        /// Upgraded, but a taken name is only said now: nothing is sent before the server's first word, which in `chat.v2`
        /// is a `welcome`.
        case greeting(deadline: Duration)
        case open(since: Duration)
        case waiting(until: Duration)
        case closing(deadline: Duration, ExitCode)
        case ended
    }

    let configuration: Configuration
    /// Draws from 0..<1.
    let random: @Sendable () -> Double
    /// Names for messages, never the same twice.
    let makeID: @Sendable () -> String

    var phase = Phase.idle
    /// Of this connection, or of the last one.
    var dialect = Dialect.classic
    var attempt = Attempt(number: 0)
    var backoff = Backoff()
    var route: Route
    var outbox = Outbox()
    var rooms: RoomTracker
    var v2: V2Session
    /// When the server was last heard.
    var lastHeard = Duration.zero
    var wasEverOpen = false
    /// The first failure since there was a connection.
    var outageBegan: Duration?
    /// Failures since there was a connection.
    var failedAttempts = 0
    /// The first time that a reconnect found the name taken.
    var nameTakenSince: Duration?
    /// Nothing more is taken in; what is there is sent before the client ends.
    var isDraining = false
    /// Until when someone who quits waits for what they said to be stored.
    var drainDeadline: Duration?
    /// Questions sent whose answers have not come, and until when a pipe waits for them.
    var unanswered = 0
    var answerDeadline: Duration?
    /// The server said that it was too much at once; until when nothing more is sent.
    var pausedUntil: Duration?
    /// The time from one message to the next that the server allows, once it has complained.
    var pace: Duration?
    /// A line of a pipe was not sent and never will be, or the server may not have passed it on.
    var hasDropped = false
    /// The size of the largest frame that the transport passed on to a classic server on this connection, in bytes.
    var largestPassedOn = 0
    var saidUnknown = false
    /// From a request to its answer, the last time.
    var lag: Duration?

    init(
        _ configuration: Configuration, random: @escaping @Sendable () -> Double,
        makeID: @escaping @Sendable () -> String = MessageID.random
    ) {
        self.configuration = configuration
        self.random = random
        self.makeID = makeID
        route = Route(configuration.address, others: configuration.otherAddresses)
        v2 = V2Session(username: configuration.username)
        rooms = RoomTracker(username: configuration.username, room: configuration.room)
    }

    /// Whether more input may be read now. Keys are always read.
    var wantsInput: Bool {
        if !configuration.inputCanWait { return true }
        switch phase {
        case .closing, .ended: return false
        default: return !isDraining && !outbox.isFull
        }
    }

    mutating func handle(_ event: ClientEvent, at now: Duration) -> [ClientEffect] {
        let effects = react(to: event, at: now)
        if configuration.hasWindows { return effects }
        return effects.flatMap { effect -> [ClientEffect] in
            guard case .report(let happening) = effect else { return [effect] }
            return happening.inLines.map(ClientEffect.show)
        }
    }

    private mutating func react(to event: ClientEvent, at now: Duration) -> [ClientEffect] {
        if phase == .ended { return [] }
        switch event {
        case .started: return connect(at: now)
        case .connection(let attempt, let event):
            guard attempt == self.attempt else { return [] }
            return connection(event, at: now)
        case .line(let line): return enter(line, at: now)
        case .asked(let ask): return serve(ask, at: now)
        case .lineTooLong:
            if !configuration.isInteractive { hasDropped = true }
            return [.show(.status("a line of more than \(LineSplitter.longest / 1024) KiB was not sent"))]
        case .endOfInput: return endOfInput(at: now)
        case .interrupted(let code): return interrupt(code, at: now)
        case .outputClosed: return end(configuration.isInteractive ? .success : .outputClosed, at: now)
        case .tick: return tick(at: now)
        }
    }

    /// When `tick` has something to do if nothing else happens; `nil` for never.
    var nextDeadline: Duration? {
        switch phase {
        case .idle, .ended: nil
        case .connecting(let deadline), .greeting(let deadline), .waiting(let deadline), .closing(let deadline, _):
            deadline
        case .open:
            ([answerDeadline, pausedUntil, drainDeadline] + v2Deadlines).compactMap { $0 }
                .reduce(lastHeard + Timing.silence, min)
        }
    }

    private mutating func tick(at now: Duration) -> [ClientEffect] {
        guard let nextDeadline, nextDeadline <= now else { return [] }
        switch phase {
        case .idle, .ended: return []
        case .waiting: return connect(at: now)
        case .connecting:
            return [.abandon(attempt)] + ended(.unreachable("no answer"), at: now)
        case .greeting:
            if dialect == .classic { return becameOpen(at: now) }
            return [.abandon(attempt)] + ended(.lost("the server does not greet us"), at: now)
        case .closing(_, let code): return [.abandon(attempt)] + notice(of: outbox.inFlight.map(\.item)) + exit(code)
        case .open:
            if lastHeard + Timing.silence <= now {
                return [.abandon(attempt)] + ended(.lost("nothing heard for 70 s"), at: now)
            }
            if let answerDeadline, answerDeadline <= now {
                unanswered = 0
                self.answerDeadline = nil
            }
            if let effects = v2Overdue(at: now) { return effects }
            return resumeSending(at: now) + finishDraining(at: now)
        }
    }
}

/// The client's patience.
enum Timing {
    /// For the connection and the upgrade together.
    static let connect = Duration.seconds(10)
    /// For the server's first word. It comes at once, unless the server has to wait for its own back ends.
    static let greeting = Duration.seconds(5)
    /// For the answer to a request of `chat.v2`; without one nobody knows what became of it.
    static let reply = Duration.seconds(30)
    /// A message that is not stored by then is shown as waiting.
    static let pending = Duration.milliseconds(500)
    /// Between retries while the server cannot store messages.
    static let unavailable = Duration.seconds(5)
    /// The longest delay that is believed when the server asks to come back, or to send more slowly.
    static let pause = Duration.seconds(60)
    /// The server pings every 25 s; two lost in a row are a dead connection.
    static let silence = Duration.seconds(70)
    /// The longest `Retry-After` that is believed; a mistaken one must not keep a client away for a day.
    static let retryAfter = Duration.seconds(300)
    /// For the server's half of the closing handshake.
    static let close = Duration.seconds(2)
    /// For the answers to the last questions of a pipe.
    static let answers = Duration.seconds(3)
    /// A connection that lasted this long was a good one: the next loss starts with short delays again.
    static let stable = Duration.seconds(5)
    /// A dead server's claim on one's own name runs out within this.
    static let nameTaken = Duration.seconds(30)
    /// Between attempts while the name is taken.
    static let nameTakenDelay = Duration.seconds(3)
    /// A pipe gives up when it could not connect this long, or this often.
    static let outage = Duration.seconds(60)
    static let attempts = 6
}
