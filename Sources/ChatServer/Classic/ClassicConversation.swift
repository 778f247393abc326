import Domain
import NIOCore
import Service
import Wire

/// What one client of the classic dialect and the service say to each other.
///
/// Two places work on it. The event loop takes the client's commands in and does at once what does not wait: messages.
/// Errands begin and end the session and do what waits for the presence store, one at a time; meanwhile later commands
/// stay in the lane.
///
/// Sendable because everything mutable is touched on the connection's event loop only.
final class ClassicConversation: Conversation, @unchecked Sendable {
    /// Messages handed to the log and not settled, past which nothing more is read from the client.
    private static let maximumAppendsInFlight = 64

    typealias Input = Result<ClassicCommand, ClassicDecodingError>

    private let service: ChatService
    private let connection: Connection
    private let eventLoop: any EventLoop
    private let errands: Errands

    private var session: Session?
    /// What came in, in order; what was not understood has its turn too. Busy until the session has begun.
    private var lane = CommandLane<Input>(isBusy: true)
    private var appendsInFlight = 0
    /// Waits until the client's messages are stored: nobody leaves a room before what they said there.
    private var commandAfterAppends: ClassicCommand?
    private var hasEnded = false
    /// The session is being closed, or never began.
    private var isOver = false
    /// Runs while a change of room waits for its turn.
    private var turn: Scheduled<Void>?

    init(service: ChatService, connection: Connection, errands: Errands) {
        self.service = service
        self.connection = connection
        self.errands = errands
        eventLoop = connection.connectionLoop.eventLoop
    }

    // MARK: Errands

    private func open(_ admission: Admission) async {
        do throws(ChatError) {
            let request = SessionRequest(admission.username, entering: admission.room, resumption: .none)
            let session = try await service.open(request, through: connection, goLive: goLive)
            eventLoop.execute { [self] in
                self.session = session
                continueLane()
            }
        } catch {
            connection.send(ClassicEvent(error))
            connection.close(error.code == .usernameTaken ? .usernameTaken : .unavailable)
            errands.end()
        }
    }

    /// Leaves the lane busy until it is done.
    private func run(_ command: ClassicCommand, _ session: Session) {
        errands.run { [self] in
            await perform(command, session)
            eventLoop.execute { [self] in continueLane() }
        }
    }

    private func confirmNames(before input: Input) {
        errands.run { [self] in
            await service.confirmNames()
            eventLoop.execute { [self] in continueLane(with: input) }
        }
    }

    private func close(_ session: Session) {
        errands.run { [self] in
            for room in session.rooms { connection.exit(room) }
            await service.close(session, isGoodbye: true)
            errands.end()
        }
    }

    private func perform(_ command: ClassicCommand, _ session: Session) async {
        do throws(ChatError) {
            switch command {
            case .chatMessage:
                break  // never slow
            case .joinRoom(let name):
                try await move(session, to: Self.room(name))
            case .leaveRoom:
                try await move(session, to: .global)
            case .listUsers(let name):
                let room = try name.map(Self.room)
                connection.send(.users(try await service.users(in: room), in: room))
            case .listRooms:
                connection.send(.rooms(try await service.rooms()))
            }
        } catch {
            connection.send(ClassicEvent(error))
        }
    }

    private func move(_ session: Session, to room: RoomName) async throws(ChatError) {
        guard session.currentRoom != room else {
            return connection.send(.system(content: "You are already in the room \(room)"))
        }
        try await service.enter(room, session, stay: false, goLive: goLive)
    }

    /// A classic client is shown its one room from its own arrival on.
    private func goLive(_ move: Move) {
        for room in move.left { connection.exit(room) }
        if let arrival = move.arrival { connection.enter(arrival.room, showing: arrival) }
    }

    private static func room(_ name: String) throws(ChatError) -> RoomName {
        do throws(NameError) { return try RoomName(name) } catch { throw .invalidRoom(error) }
    }

    // MARK: On the event loop

    func begin(_ admission: Admission) {
        errands.begin()
        errands.run { [self] in await open(admission) }
    }

    /// One text message from the client.
    func receive(_ text: String) {
        let input = Result { () throws(ClassicDecodingError) in try ClassicCommand(json: text.utf8) }
        if let input = lane.submit(input) { start(input) }
        updateReading()
    }

    /// The log has answered, one way or the other.
    private func appendSettled() {
        appendsInFlight -= 1
        if appendsInFlight == 0, let command = commandAfterAppends, let session {
            commandAfterAppends = nil
            run(command, session)
        }
        updateReading()
        finishIfDone()
    }

    func connectionEnded(isGoodbye: Bool) {
        hasEnded = true
        if turn != nil { giveUpLane() }
        finishIfDone()
    }

    /// What is still to come was sent too fast, by a client that does not wait for it any more.
    private func giveUpLane() {
        turn?.cancel()
        turn = nil
        lane.clear()
    }

    private func finishIfDone() {
        guard hasEnded, lane.isIdle, appendsInFlight == 0, !isOver, let session else { return }
        isOver = true
        close(session)
    }

    private func continueLane(with input: Input? = nil) {
        lane.unblock()
        if let input { start(input) }
        while let input = lane.next() { start(input) }
        updateReading()
        finishIfDone()
    }

    private func start(_ input: Input) {
        guard let session else { return }
        guard !service.namesAreDoubtful else {
            lane.block()
            return confirmNames(before: input)
        }
        do throws(ChatError) {
            switch input {
            case .success(.chatMessage(let content)):
                say(content, session)
            case .success(let command):
                if !command.changesRoom { try service.takeToken(session) }
                lane.block()
                begin(command, session)
            case .failure(let error):
                try service.takeToken(session)
                throw ChatError(error)
            }
        } catch {
            connection.send(ClassicEvent(error))
        }
    }

    /// A change of room waits for its turn where the client has been too fast: refused, it would leave what the client says
    /// next in the wrong room.
    private func begin(_ command: ClassicCommand, _ session: Session) {
        turn = nil
        if command.changesRoom, let wait = service.tokenWait(session) {
            guard !hasEnded else { return giveUpLane() }
            turn = eventLoop.scheduleTask(in: TimeAmount(wait)) { [self] in begin(command, session) }
        } else if appendsInFlight == 0 {
            run(command, session)
        } else {
            commandAfterAppends = command
        }
    }

    private func say(_ content: String, _ session: Session) {
        appendsInFlight += 1
        let accepted = connection.acceptanceTime
        let settle: @Sendable (Result<Stored, ChatError>) -> Void = { [self] result in
            if case .failure(let error) = result { connection.send(ClassicEvent(error)) }
            let isStored = if case .success = result { true } else { false }
            connection.connectionLoop.post(
                .settle { [self] in
                    // This dialect has no acknowledgements: the log's word is the end of it.
                    if isStored { connection.connectionLoop.recordAppend(since: accepted) }
                    appendSettled()
                })
        }
        do throws(ChatError) {
            service.append(try service.draft(content, in: nil, id: nil, from: session), completion: settle)
        } catch {
            settle(.failure(error))
        }
    }

    // MARK: Being shown things

    func frames(of batch: [Delivery]) -> [ByteBuffer] {
        batch.filter { $0.except !== connection }.compactMap(\.classic)
    }

    /// Classic clients cannot be told what they have missed.
    func fallBehind() -> Bool { false }

    func canWriteAgain() {}

    func reads(_ kind: Topic.Kind) -> Bool { false }

    func logRenewed() {}

    func reconnectFrame(after delay: TimeAmount, because reason: String) -> ByteBuffer? { nil }

    private func updateReading() {
        connection.isReadingPaused = lane.isBlocked || appendsInFlight >= Self.maximumAppendsInFlight
    }
}

extension ClassicCommand {
    fileprivate var changesRoom: Bool {
        switch self {
        case .joinRoom, .leaveRoom: true
        case .chatMessage, .listUsers, .listRooms: false
        }
    }
}
