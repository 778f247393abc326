import CoreMetrics
import Domain
import NIOCore
import Service
import Wire

/// What one client of `chat.v2` and the service say to each other.
///
/// Two places work on it. The event loop takes the client's requests in, does at once what does not wait (messages), and
/// shows what comes. Errands begin and end the session, do what waits for the presence store or the log, and read pages
/// for topics in which the client is behind, one at a time.
///
/// What belongs to the errands stands in `V2Conversation+commands.swift`, what the client says in
/// `V2Conversation+messages.swift`, and what it is shown in `V2Conversation+reading.swift`.
///
/// Sendable because everything mutable is touched on the connection's event loop only.
final class V2Conversation: Conversation, @unchecked Sendable {
    /// Messages not acknowledged, past which nothing more is taken from the client.
    private static let maximumPending = 128
    /// By how much the requests refused may outnumber those done, in multiples of the burst that is allowed, before the
    /// client is sent away.
    private static let patience = 10

    /// What an errand does.
    enum Job: Sendable {
        case open(Admission)
        case request(V2Request, Session)
        /// Find out first whether the session still has its name.
        case confirm(Input)
        case read(Topic, after: SequenceNumber, Epoch)
        /// Find out whether the log is still the one it was.
        case verify(Topic.Kind)
        /// Tell how many a room has now.
        case count(RoomName, Session)
        /// The last one.
        case close(Session, isGoodbye: Bool)
    }

    typealias Input = Result<V2Request, V2DecodingError>

    let service: ChatService
    let connection: Connection
    let fanout: Fanout
    let metrics: EdgeMetrics
    private let welcome: Welcome
    private let errands: Errands

    // On the event loop.
    var session: Session?
    /// What waits for the errand that is under way. One of each at most: the lane is busy until its one is done, one page
    /// is read and one question asked at a time.
    private var jobs: [Job] = []
    private var isWorking = false
    var readers: [Topic: Reader] = [:]
    var pending = PendingMessages() { didSet { updateReading() } }
    /// A page is being read, or will be as soon as the socket takes more.
    var isReading = false
    /// The log is another one: nothing more is shown or taken.
    var isStale = false
    var doubts = Doubts()
    var lane = CommandLane<Input>(isBusy: true) { didSet { updateReading() } }
    /// Handed to the log and not settled by it. Nobody leaves a room before what they said there.
    var appendsInFlight = 0
    /// What waits until the client's messages are stored. A closure: a request would take five times the room.
    var afterAppends: (() -> Void)?
    private var refusals = 0
    var hasEnded = false
    private var isGoodbye = false
    /// The session is being closed.
    private var isOver = false

    /// What the server says of itself.
    struct Welcome: Sendable {
        let instance: String
        let version: String
    }

    init(
        service: ChatService, connection: Connection, fanout: Fanout, errands: Errands, welcome: Welcome,
        metrics: EdgeMetrics
    ) {
        self.service = service
        self.connection = connection
        self.fanout = fanout
        self.errands = errands
        self.welcome = welcome
        self.metrics = metrics
    }

    var loop: ConnectionLoop { connection.connectionLoop }

    // MARK: Errands

    /// Begins an errand, or has it wait for the one that is under way.
    func enqueue(_ job: Job) {
        guard !isWorking else { return jobs.append(job) }
        isWorking = true
        // Now, not when the job was found: the answer holds for all that has come into doubt until it is asked for.
        let doubted = if case .verify(let kind) = job { doubts.take(kind) } else { [] as [PendingMessages.Token] }
        errands.run { [self] in
            let input = await perform(job, doubted)
            loop.eventLoop.execute { [self] in finish(job, input) }
        }
    }

    /// - Returns: what the lane goes on with.
    private func perform(_ job: Job, _ doubted: [PendingMessages.Token]) async -> Input? {
        switch job {
        case .open(let admission):
            await open(admission)
        case .request(let request, let session):
            await perform(request, session)
        case .confirm(let input):
            await service.confirmNames()
            return input
        case .read(let topic, let cursor, let epoch):
            await readOn(topic, after: cursor, in: epoch)
        case .verify(let kind):
            await verify(kind, for: doubted)
        case .count(let room, let session):
            await tellMembers(of: room, session)
        case .close(let session, let isGoodbye):
            await service.close(session, isGoodbye: isGoodbye)
            errands.end()
        }
        return nil
    }

    private func finish(_ job: Job, _ input: Input?) {
        isWorking = false
        if let next = jobs.first {
            jobs = Array(jobs.dropFirst())  // most often empty then, and without storage
            enqueue(next)
        }
        switch job {
        case .request, .confirm: continueLane(with: input)
        case .open, .read, .verify, .count: finishIfDone()
        case .close: break
        }
    }

    private func open(_ admission: Admission) async {
        do throws(ChatError) {
            let request = SessionRequest(
                admission.username, entering: admission.room, resumption: .possible(presenting: admission.secret))
            let session = try await service.open(request, through: connection)
            connection.send(V2Frame(.welcome(greeting(session))))
            loop.eventLoop.execute { [self] in
                self.session = session
                continueLane()
            }
        } catch {
            connection.send(V2Frame(V2Event(error)))
            connection.close(error.code == .usernameTaken ? .usernameTaken : .unavailable)
            errands.end()
        }
    }

    private func greeting(_ session: Session) -> V2Welcome {
        V2Welcome(
            username: session.username.text, session: session.secret?.text ?? "", instance: welcome.instance,
            version: welcome.version, rooms: session.rooms.map(\.text),
            limits: .init(
                messageBytes: service.limits.messageBytes, messagesPerWindow: service.limits.rate?.messages ?? 0,
                windowSeconds: Int(service.limits.rate?.window.components.seconds ?? 0),
                frameBytes: FrameLimit.bytes(forContentOf: service.limits.messageBytes),
                roomsPerSession: service.limits.roomsPerSession))
    }

    // MARK: On the event loop: requests

    func begin(_ admission: Admission) {
        errands.begin()
        enqueue(.open(admission))
    }

    func receive(_ text: String) {
        guard !isStale else { return }
        let input = Result { () throws(V2DecodingError) in try V2Request(json: text.utf8) }
        if let input = lane.submit(input) { start(input) }
    }

    func connectionEnded(isGoodbye: Bool) {
        hasEnded = true
        self.isGoodbye = isGoodbye
        for topic in Array(readers.keys) { endReading(topic) }
        finishIfDone()
    }

    func finishIfDone() {
        guard hasEnded, lane.isIdle, appendsInFlight == 0, !isWorking, !isOver, let session else { return }
        isOver = true
        enqueue(.close(session, isGoodbye: isGoodbye))
    }

    private func continueLane(with input: Input? = nil) {
        lane.unblock()
        if let input { start(input) }
        while let input = lane.next() { start(input) }
        finishIfDone()
    }

    private func start(_ input: Input) {
        guard let session else { return }
        guard !service.namesAreDoubtful else {
            lane.block()
            return enqueue(.confirm(input))
        }
        switch input {
        case .success(let request): start(request, session)
        case .failure(let error):
            answer(error.ref) { () throws(ChatError) in
                try service.takeToken(session)
                throw ChatError(error)
            }
        }
    }

    private func start(_ request: V2Request, _ session: Session) {
        switch request.command {
        case .chatMessage(let content, let room, let id):
            answer(request.ref) { () throws(ChatError) in
                let draft = try service.draft(content, in: try room.map(Self.room), id: try Self.id(id), from: session)
                append(draft, ref: request.ref)
            }
        case .typing(let isTyping, let room):
            guard service.tokenWait(session) == nil else { return }  // the first to be dropped
            answer(request.ref) { () throws(ChatError) in
                try service.announceTyping(isTyping, in: try room.map(Self.room), from: session)
            }
        case .authenticate:
            answer(request.ref) { () throws(ChatError) in
                try service.takeToken(session)
                throw ChatError(.forbidden, "this server does not use tokens")
            }
        case .privateMessage:  // counted where it is checked
            begin(request, session)
        case .joinRoom, .leaveRoom, .listUsers, .listRooms, .inbox, .history:
            answer(request.ref) { () throws(ChatError) in
                try service.takeToken(session)
                begin(request, session)
            }
        }
    }

    /// Runs what can be done at once, and says why where it cannot.
    private func answer(_ ref: String?, _ body: () throws(ChatError) -> Void) {
        do throws(ChatError) {
            try body()
            forgiveRefusals()
        } catch {
            connection.send(V2Frame(V2Event(error), ref: ref))
            countRefusal(error)
        }
    }

    func forgiveRefusals() { refusals = max(0, refusals - 1) }

    func countRefusal(_ error: ChatError) {
        guard error.code == .rateLimited, let rate = service.limits.rate else { return }
        refusals += 1
        if refusals > Self.patience * max(rate.messages, 10) { connection.close(.rateLimited) }
    }

    private func begin(_ request: V2Request, _ session: Session) {
        lane.block()
        if request.command.changesRoom, appendsInFlight > 0 {
            afterAppends = { [self] in enqueue(.request(request, session)) }
        } else {
            enqueue(.request(request, session))
        }
    }

    /// Nothing more is taken from a client that waits for an answer to much already.
    private func updateReading() {
        connection.isReadingPaused = lane.isBlocked || pending.count >= Self.maximumPending
    }

    // MARK: Checked input

    static func room(_ name: String) throws(ChatError) -> RoomName {
        do throws(NameError) { return try RoomName(name) } catch { throw .invalidRoom(error) }
    }

    static func id(_ text: String?) throws(ChatError) -> MessageID? {
        guard let text else { return nil }
        guard let id = MessageID(chosen: text) else {
            throw ChatError(
                .badRequest,
                "id must have 1 to \(MessageID.maximumLength) characters, and no control characters among them")
        }
        return id
    }

    func reconnectFrame(after delay: TimeAmount, because reason: String) -> ByteBuffer? {
        let milliseconds = Int(delay.nanoseconds / 1_000_000)
        return ServerFrame.text(V2Frame(.reconnect(reason: reason, delayMilliseconds: milliseconds)).json)
    }
}

extension V2Command {
    fileprivate var changesRoom: Bool {
        switch self {
        case .joinRoom, .leaveRoom: true
        default: false
        }
    }
}
