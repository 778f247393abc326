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

    /// Why a change of room has not begun.
    private enum Hold {
        /// The client has been too fast. Runs when its turn comes.
        case turn(Scheduled<Void>)
        /// Its messages are not all stored: nobody leaves a room before what they said there.
        case appends(ClassicCommand)
    }

    private let connection: Connection
    private let edge: Edge
    private var phase = ConversationPhase<Session>.opening
    /// What came in, in order; what was not understood has its turn too. Busy until the session has begun.
    private var lane = CommandLane<Input>(isBusy: true) {
        didSet { connection.pauseReading(.commandsWait, if: lane.isBlocked) }
    }
    private var hold: Hold?
    /// Nil where there is no token that expires.
    private var tokenWatch: TokenWatch?
    private var appendsInFlight = 0 {
        didSet { connection.pauseReading(.unanswered, if: appendsInFlight >= Self.maximumAppendsInFlight) }
    }

    init(_ connection: Connection, _ edge: Edge) {
        self.connection = connection
        self.edge = edge
    }

    private var service: ChatService { edge.service }
    private var eventLoop: any EventLoop { connection.connectionLoop.eventLoop }

    // MARK: Errands

    private func open(_ admission: Admission) async {
        do throws(ChatError) {
            let request = SessionRequest(
                admission.username, principal: admission.principal, entering: admission.room, resumption: .none)
            let session = try await service.open(request, through: connection, goLive: goLive)
            connection.greeted()
            eventLoop.execute { [self] in
                phase.opened(session)
                watchToken(of: session)
                continueLane()
            }
        } catch {
            connection.send(ClassicEvent(error))
            connection.close(error.code == .usernameTaken ? .usernameTaken : .unavailable)
            edge.errands.end()
            eventLoop.execute { [self] in phase.refused() }
        }
    }

    /// Leaves the lane busy until it is done.
    private func run(_ command: ClassicCommand, _ session: Session) {
        edge.errands.run { [self] in
            await perform(command, session)
            eventLoop.execute { [self] in continueLane() }
        }
    }

    private func confirmNames(before input: Input) {
        edge.errands.run { [self] in
            await service.confirmNames()
            eventLoop.execute { [self] in continueLane(with: input) }
        }
    }

    private func close(_ session: Session) {
        edge.errands.run { [self] in
            for room in session.rooms { connection.exit(room) }
            await service.close(session, isGoodbye: true)
            edge.errands.end()
        }
    }

    private func perform(_ command: ClassicCommand, _ session: Session) async {
        do throws(ChatError) {
            switch command {
            case .chatMessage:
                break  // never slow
            case .joinRoom(let name):
                try await move(session, to: .checked(name))
            case .leaveRoom:
                try await leave(session)
            case .listUsers(let name):
                let room = try name.map(RoomName.checked)
                connection.send(.users(try await users(in: room, session), in: room))
            case .listRooms:
                connection.send(.rooms(try await service.rooms(for: session.principal.permissions)))
            }
        } catch {
            connection.send(ClassicEvent(error))
        }
    }

    private func users(in room: RoomName?, _ session: Session) async throws(ChatError) -> ListPage<String> {
        guard let room else { return try await service.users(for: session) }
        return try await service.users(in: room, for: session.principal)
    }

    /// A classic client is in one room, and goes back to `global`, if it may read that.
    private func leave(_ session: Session) async throws(ChatError) {
        guard !session.principal.permissions.mayRead(.global) else { return try await move(session, to: .global) }
        let left = try await service.leave(nil, session, goLive: goLive).left
        connection.send(.system(content: "You have left the room \(left) and are in no room"))
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

    // MARK: On the event loop

    func begin(_ admission: Admission) {
        edge.errands.begin()
        edge.errands.run { [self] in await open(admission) }
    }

    /// The client cannot show another token, so its connection ends with its token.
    private func watchToken(of session: Session) {
        let principal = session.principal
        guard case .running = phase, principal.expiresAt != nil, let identification = edge.identification else {
            return
        }
        tokenWatch = TokenWatch(connection, identification, patience: .zero) {}
        tokenWatch?.watch(principal)
    }

    /// One text message from the client.
    func receive(_ text: String) {
        guard phase.takesInput else { return }
        let input = Result { () throws(ClassicDecodingError) in try ClassicCommand(json: text.utf8) }
        if let input = lane.submit(input) { start(input) }
    }

    /// The log has answered, one way or the other.
    private func appendSettled() {
        appendsInFlight -= 1
        if appendsInFlight == 0, case .appends(let command) = hold, let session = phase.session {
            hold = nil
            run(command, session)
        }
        finishIfDone()
    }

    func connectionEnded(isGoodbye: Bool) {
        phase.clientGone(isGoodbye: isGoodbye)
        tokenWatch?.stop()
        tokenWatch = nil
        if case .turn = hold { giveUpLane() }
        finishIfDone()
    }

    /// What is still to come was sent too fast, by a client that does not wait for it any more.
    private func giveUpLane() {
        if case .turn(let turn) = hold { turn.cancel() }
        hold = nil
        lane.clear()
    }

    private func finishIfDone() {
        guard lane.isIdle, appendsInFlight == 0, let (session, _) = phase.nothingLeft() else { return }
        close(session)
    }

    private func continueLane(with input: Input? = nil) {
        lane.unblock()
        if let input { start(input) }
        while let input = lane.next() { start(input) }
        finishIfDone()
    }

    private func start(_ input: Input) {
        guard let session = phase.session else { return }
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
        hold = nil
        if command.changesRoom, let wait = service.tokenWait(session) {
            guard case .running = phase else { return giveUpLane() }
            hold = .turn(eventLoop.scheduleTask(in: TimeAmount(wait)) { [self] in begin(command, session) })
        } else if appendsInFlight == 0 {
            run(command, session)
        } else {
            hold = .appends(command)
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
            let id = session.isShared ? session.makeMessageID() : nil
            service.append(try service.draft(content, in: nil, id: id, from: session), completion: settle)
        } catch {
            settle(.failure(error))
        }
    }

    /// This dialect has no acknowledgements: what clients say is not shown to themselves, but to other sessions of the user.
    func frame(inPlaceOf own: Delivery) -> ByteBuffer? {
        guard service.limits.namesBelongToUsers, let id = own.id else { return nil }
        if let session = phase.session, !session.isShared || session.hasMade(id) { return nil }
        return own.frame(in: connection.encoding)
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
