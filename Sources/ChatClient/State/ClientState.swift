import NIOCore
import Transport
import Wire

/// The client's state: takes events and returns effects, without I/O or a clock.
///
/// Time is passed with each event, as a duration since an origin of the shell's choice; ``nextDeadline`` says when the
/// next `tick` is needed. The line-mode shell and the full screen drive the same value.
///
/// It passes events on to the values that decide: ``Reconnecting`` owns the connection's phase, ``ClientSession`` what
/// outlives a connection, and a ``Greeting`` and then an ``Exchange`` the conversation on it.
struct ClientState: Sendable {
    var reconnecting: Reconnecting
    var session: ClientSession
    var dialogue = Dialogue.none
    private var saidUnknown = false
    /// Returns random numbers in 0..<1.
    private let random: @Sendable () -> Double
    /// Returns message ids, never the same twice.
    let makeID: @Sendable () -> String

    init(
        _ configuration: ClientConfiguration, random: @escaping @Sendable () -> Double,
        makeID: @escaping @Sendable () -> String = MessageID.random
    ) {
        self.random = random
        self.makeID = makeID
        session = ClientSession(configuration)
        let route = Route(configuration.address, others: configuration.otherAddresses)
        reconnecting = Reconnecting(route, patience: configuration.patienceLimit, random: random)
    }

    var configuration: ClientConfiguration { session.configuration }
    /// The latest connection attempt.
    var attempt: Attempt { reconnecting.attempt }
    /// The address of that attempt.
    var address: ServerAddress { reconnecting.route.address }

    /// Whether more input may be read now. Keys are always read.
    var wantsInput: Bool {
        if !configuration.inputCanWait { return true }
        return !reconnecting.isEnding && !session.outbox.isDraining && !session.outbox.isFull
    }

    // MARK: Events

    mutating func handle(_ event: ClientEvent, at now: Duration) -> [ClientEffect] {
        let effects = react(to: event, at: now)
        if configuration.hasWindows { return effects }
        return effects.flatMap { effect -> [ClientEffect] in
            guard case .report(let happening) = effect else { return [effect] }
            return happening.inLines.map(ClientEffect.show)
        }
    }

    private mutating func react(to event: ClientEvent, at now: Duration) -> [ClientEffect] {
        if reconnecting.phase == .ended { return [] }
        switch event {
        case .started: return connect(at: now)
        case .connection(let attempt, let event):
            guard attempt == self.attempt else { return [] }
            return heard(event, at: now)
        case .line(let line): return enter(line, at: now)
        case .asked(let ask): return serve(ask, at: now)
        case .lineTooLong:
            session.outbox.noteLoss()
            return [.show(.status("a line of more than \(LineSplitter.longest / 1024) KiB was not sent"))]
        case .endOfInput: return endOfInput(at: now)
        case .interrupted(let code): return interrupt(code, at: now)
        case .token(let news): return looked(news, at: now)
        case .outputClosed: return end(configuration.isInteractive ? .success : .outputClosed, at: now)
        case .tick: return tick(at: now)
        }
    }

    // MARK: Time

    /// When the next `tick` is needed without another event; `nil`: never.
    var nextDeadline: Duration? {
        guard reconnecting.isOpen else { return reconnecting.deadline }
        let outbox = session.outbox
        return [
            reconnecting.deadline, dialogue.exchange?.deadline(session), outbox.pacing.pausedUntil,
            outbox.drainDeadline,
        ]
        .compactMap(\.self).min()
    }

    private mutating func tick(at now: Duration) -> [ClientEffect] {
        guard let nextDeadline, nextDeadline <= now else { return [] }
        switch reconnecting.phase {
        case .idle, .ended: return []
        case .waiting: return connect(at: now)
        case .awaitingToken: return [.readToken(.nextConnection)]
        case .connecting: return drop(.unreachable("no answer"), at: now)
        case .greeting:
            guard case .greeting(let greeting) = dialogue else { return [] }
            return follow(greeting.overdue(arrival, &session), at: now)
        case .closing(deadline: _, let code): return [.abandon(attempt)] + endClosed(code)
        case .open:
            if let deadline = reconnecting.deadline, deadline <= now {
                return drop(.lost("nothing heard for 70 s"), at: now)
            }
            session.outbox.pacing.advance(to: now)
            return follow(dialogue.goOn(with: &session) { $0.tick(&$1, at: now) } ?? .nothing, at: now)
        }
    }

    // MARK: The connection

    mutating func connect(at now: Duration) -> [ClientEffect] {
        reconnecting.connect(at: now) ? [begin()] : []
    }

    /// The effect that begins the current attempt.
    private mutating func begin() -> ClientEffect {
        session.rooms.reconnect()
        let room = reconnecting.wasEverOpen ? session.rooms.current : configuration.room
        let request = UpgradeRequest(
            username: configuration.username, room: room, session: session.v2.secret, subprotocols: Dialect.subprotocols
        )
        return .connect(attempt, request)
    }

    private mutating func heard(_ event: ConnectionEvent, at now: Duration) -> [ClientEffect] {
        reconnecting.heard(at: now)
        switch event {
        case .opened(let subprotocol):
            upgraded(to: Dialect(subprotocol: subprotocol), at: now)
            return []
        case .alive: return []
        case .receivedBinary: return receivedUnknown()
        case .received(let text): return received(text, at: now)
        case .sent(let number):
            return follow(dialogue.goOn(with: &session) { $0.passedOn(number, &$1, at: now) } ?? .nothing, at: now)
        case .ended(let end): return ended(end, at: now)
        }
    }

    private mutating func upgraded(to dialect: Dialect, at now: Duration) {
        let greeting = dialect.greeting
        guard reconnecting.upgraded(greetingWithin: greeting.patience, at: now) else { return }
        session.dialect = dialect
        dialogue = .greeting(greeting)
    }

    private mutating func received(_ text: ByteBuffer, at now: Duration) -> [ClientEffect] {
        switch dialogue {
        case .none: return []
        case .greeting(let greeting):
            if reconnecting.isEnding { return [] }
            guard let greeted = greeting.received(text, arrival, &session, at: now) else { return receivedUnknown() }
            let effects = follow(greeted, at: now)
            return dialogue.exchange == nil ? effects : effects + received(text, at: now)
        case .exchange:
            let reaction = dialogue.goOn(with: &session) { $0.received(text, &$1, at: now) }
            return reaction.flatMap(\.self).map { follow($0, at: now) } ?? receivedUnknown()
        }
    }

    private mutating func receivedUnknown() -> [ClientEffect] {
        if saidUnknown { return [] }
        saidUnknown = true
        return [.show(.status("the server sent something that this client does not understand"))]
    }

    private var arrival: Arrival {
        Arrival(attempt: attempt, address: address, isReturn: reconnecting.wasEverOpen, random: random)
    }

    // MARK: Following

    private mutating func follow(_ greeted: Greeted, at now: Duration) -> [ClientEffect] {
        switch greeted {
        case .wait(let effects): return effects
        case .welcome(let exchange, let effects):
            reconnecting.greeted(at: now)
            dialogue = .exchange(exchange)
            return effects + proceed(at: now)
        case .fail(let words): return drop(.lost(words), at: now)
        }
    }

    private mutating func follow(_ reaction: Reaction, at now: Duration) -> [ClientEffect] {
        switch reaction {
        case .wait(let effects): return sendable(effects)
        case .proceed(let effects): return sendable(effects) + proceed(at: now)
        case .end(let effects, let code): return effects + end(code, at: now)
        case .drop(let end):
            let effects = drop(end, at: now)
            guard case .waiting(_, let moment) = reconnecting.phase, moment <= now else { return effects }
            return effects + connect(at: now)
        }
    }

    /// Removes sends after the close frame was sent.
    private func sendable(_ effects: [ClientEffect]) -> [ClientEffect] {
        if reconnecting.isOpen { return effects }
        return effects.filter { if case .send = $0 { false } else { true } }
    }

    /// Sends more lines if possible; ends the client if none is left.
    private mutating func proceed(at now: Duration) -> [ClientEffect] { pump(at: now) + finishDraining(at: now) }

    /// Sends the lines that may go out now.
    mutating func pump(at now: Duration) -> [ClientEffect] {
        reconnecting.isOpen ? dialogue.goOn(with: &session) { $0.pump(&$1, at: now) } ?? [] : []
    }

    // MARK: The end of a connection

    /// Closes the connection, or gives up the attempt at one.
    mutating func drop(_ end: ConnectionEnd, at now: Duration) -> [ClientEffect] {
        [.abandon(attempt)] + ended(end, at: now)
    }

    private mutating func ended(_ end: ConnectionEnd, at now: Duration) -> [ClientEffect] {
        var failures: [ClientEffect] = []
        if case .closed(.tooBig, reason: _) = end {
            failures = dialogue.goOn(with: &session) { $0.frameWasTooLarge(&$1) } ?? []
        }
        if case .closing(deadline: _, let code) = reconnecting.phase { return failures + endClosed(code) }
        let comeBackAt = dialogue.goOn(with: &session) { $0.ended(&$1) }.flatMap(\.self)
        dialogue = .none
        let isDone = session.outbox.isDraining && (configuration.isInteractive || session.outbox.isEmpty)
        let circumstances = Reconnecting.Circumstances(
            hasSecret: session.dialect == .v2, comeBackAt: comeBackAt, isDone: isDone,
            credential: configuration.credential)
        return failures + follow(reconnecting.ended(end, circumstances, at: now))
    }

    private mutating func follow(_ step: Reconnecting.Step) -> [ClientEffect] {
        switch step {
        case .none: return []
        case .connect(let words): return [.report(.offline(words: words)), begin()]
        case .wait(let words): return [.report(.offline(words: words))]
        case .readToken: return [.readToken(.nextConnection)]
        case .stop(let code, let words):
            let status = words.map { [ClientEffect.show(.status($0))] } ?? []
            return status + session.notice(of: session.outbox.items) + exit(code)
        }
    }

    /// The shell has looked for a token: for another attempt, or for the exchange.
    private mutating func looked(_ news: TokenNews, at now: Duration) -> [ClientEffect] {
        if reconnecting.isOpen {
            return follow(dialogue.goOn(with: &session) { $0.looked(news, &$1, at: now) } ?? .nothing, at: now)
        }
        return follow(reconnecting.tokenWasRead(news, at: now))
    }

    /// Ends after the closing handshake. Lines that were still waiting were reported with the goodbye.
    private mutating func endClosed(_ code: ExitCode) -> [ClientEffect] {
        session.notice(of: session.outbox.inFlight.map(\.item)) + exit(code)
    }

    /// The exit code is decided at the very end, because a refusal can still come while the connection is being closed.
    mutating func exit(_ code: ExitCode) -> [ClientEffect] {
        reconnecting.end()
        dialogue = .none
        return [.exit(session.outcome(of: code, wasEverOpen: reconnecting.wasEverOpen))]
    }
}
