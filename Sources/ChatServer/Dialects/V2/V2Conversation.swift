import Domain
import NIOCore
import Service
import Wire

/// What one client of `chat.v2` and the service say to each other, from its coming to the end of its session.
///
/// Two places work on it. The event loop takes the client's requests in, does at once what does not wait, and shows what
/// comes. Errands begin and end the session, do what waits for the presence store or the log, and read pages for topics
/// in which the client is behind; one at a time. What the client says is ``V2Sending``'s business, what it is shown
/// ``V2Reading``'s, and what is done in errands ``V2Errand``'s.
///
/// Sendable because everything mutable is touched on the connection's event loop only.
final class V2Conversation: LogReadingConversation, @unchecked Sendable {
    typealias Input = Result<V2Request, V2DecodingError>

    /// How long until the log is asked again for a page that could not be read.
    private static let retryDelay = TimeAmount.milliseconds(500)
    /// How long a client whose token has expired may take to show another one.
    private static let tokenPatience = TimeAmount.seconds(10)

    private let connection: Connection
    private let edge: Edge
    private let sending: V2Sending
    private let reading: V2Reading
    private var phase = ConversationPhase<Session>.opening
    /// What came in, in order; what was not understood has its turn too. Busy until the session has begun.
    private var lane = CommandLane<Input>(isBusy: true) {
        didSet { connection.pauseReading(.commandsWait, if: lane.isBlocked) }
    }
    /// One of each at most: the lane is busy until its one is done, one page is read and one question asked at a time.
    private var jobs = CommandLane<V2Job>(isBusy: false)
    /// A change of room that waits until the client's messages are stored: nobody leaves a room before what they said there.
    /// A closure: a request would take five times the room.
    private var changeOfRoom: (() -> Void)?
    private var refusals = RefusalCount()
    /// Nil where there is no token that expires.
    private var tokenWatch: TokenWatch?

    init(_ connection: Connection, _ edge: Edge) {
        self.connection = connection
        self.edge = edge
        sending = V2Sending(connection, edge.service)
        reading = V2Reading(connection, edge, sending)
    }

    private var service: ChatService { edge.service }
    private var loop: ConnectionLoop { connection.connectionLoop }

    // MARK: Errands

    /// Begins an errand, or has it wait for the one that is under way.
    private func enqueue(_ job: V2Job) {
        if let job = jobs.submit(job) { begin(job) }
    }

    private func begin(_ job: V2Job) {
        jobs.block()
        // Now, not when the job was found: the answer holds for all that has come into doubt until it is asked for.
        let doubted =
            if case .verify(let kind) = job { sending.takeDoubts(kind) } else { [] as [PendingMessages.Token] }
        let errand = V2Errand(connection: connection, edge: edge, sending: sending, reading: reading) { [self] in
            perform($0)
        }
        edge.errands.run { [self] in
            let outcome = await errand.run(job, doubted: doubted)
            loop.eventLoop.execute { [self] in finish(outcome) }
        }
    }

    // MARK: On the event loop: from beginning to end

    private func finish(_ outcome: V2Errand.Outcome) {
        jobs.unblock()
        if let next = jobs.next() { begin(next) }
        switch outcome {
        case .opened(let session):
            phase.opened(session)
            watch(session.principal)
            continueLane()
        case .refused:
            phase.refused()
        case .requestDone:
            continueLane()
        case .confirmed(let input):
            continueLane(with: input)
        case .done:
            closeIfIdle()
        }
    }

    func begin(_ admission: Admission) {
        edge.errands.begin()
        enqueue(.open(admission))
    }

    func connectionEnded(isGoodbye: Bool) {
        phase.clientGone(isGoodbye: isGoodbye)
        tokenWatch?.stop()
        tokenWatch = nil
        reading.close()
        sending.fallSilent()
        closeIfIdle()
    }

    /// Closes the session of a client that is gone, once everything is done that it has asked for.
    private func closeIfIdle() {
        guard lane.isIdle, jobs.isIdle, sending.isSettled, let (session, isGoodbye) = phase.nothingLeft() else {
            return
        }
        enqueue(.close(session, isGoodbye: isGoodbye))
    }

    // MARK: On the event loop: requests

    func receive(_ text: String) {
        guard phase.takesInput else { return }
        let input = Result { () throws(V2DecodingError) in try V2Request(json: text.utf8) }
        if let input = lane.submit(input) { start(input) }
    }

    private func continueLane(with input: Input? = nil) {
        lane.unblock()
        if let input { start(input) }
        while let input = lane.next() { start(input) }
        closeIfIdle()
    }

    private func start(_ input: Input) {
        guard let session = phase.session else { return }
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
                let draft = try service.draft(
                    content, in: try room.map(RoomName.checked), id: try id.map(MessageID.checked),
                    from: session)
                append(draft, ref: request.ref)
            }
        case .typing(let isTyping, let room):
            guard service.tokenWait(session) == nil else { return }  // the first to be dropped
            answer(request.ref) { () throws(ChatError) in
                try service.announceTyping(
                    isTyping, in: try room.map(RoomName.checked), from: session)
            }
        case .privateMessage:  // counted where it is checked
            begin(request, session)
        case .joinRoom, .leaveRoom, .listUsers, .listRooms, .inbox, .history, .authenticate:
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
            refusals.forgive()
        } catch {
            connection.send(V2Frame(V2Event(error), ref: ref))
            count(error)
        }
    }

    private func count(_ error: ChatError) {
        guard error.code == .rateLimited, let rate = service.limits.rate, refusals.add(rate) else { return }
        connection.close(.rateLimited)
    }

    private func begin(_ request: V2Request, _ session: Session) {
        lane.block()
        if request.command.changesRoom, !sending.isSettled {
            changeOfRoom = { [self] in enqueue(.request(request, session)) }
        } else {
            enqueue(.request(request, session))
        }
    }

    private func perform(_ step: V2Step) {
        switch step {
        case .tell(let frame):
            connection.write(frame)
        case .beginReading(let topic, let reader):
            reading.begin(topic, reader)
            readNext()
        case .goLive(let topic, let cursor, let epoch):
            reading.goLive(topic, at: cursor, in: epoch)
        case .endReading(let topic):
            reading.end(topic)
        case .append(let draft, let ref, let accepted):
            refusals.forgive()
            append(draft, ref: ref, accepted: accepted)
        case .show(let page, let wanted, let isLast):
            take(page, wanted, isLast: isLast)
        case .pageFailed:
            loop.eventLoop.scheduleTask(in: Self.retryDelay) { [self] in
                reading.pageFailed()
                readNext()
            }
        case .refused(let error):
            // Private messages are counted where they are checked, all others before they come here.
            count(error)
        case .authenticated(let principal):
            watch(principal)
        }
    }

    /// From now on this token counts. When it has expired the client is told so, and has a while to show another one.
    private func watch(_ principal: Principal) {
        guard case .running = phase, let identification = edge.identification else { return }
        if tokenWatch == nil, principal.expiresAt == nil { return }
        if tokenWatch == nil {
            tokenWatch = TokenWatch(connection, identification, patience: Self.tokenPatience) { [connection] in
                connection.write(V2Frame(V2Event(ChatError.tokenExpired)))
            }
        }
        tokenWatch?.watch(principal)
    }

    // MARK: On the event loop: what the client says

    private func append(_ draft: Draft, ref: String?, accepted: NIODeadline? = nil) {
        sending.append(draft, ref: ref, accepted: accepted) { [self] token, result in
            loop.post(.settle { [self] in settle(token, result) })
        }
    }

    private func settle(_ token: PendingMessages.Token?, _ result: Result<Stored, ChatError>) {
        switch sending.settle(token, result, cursor: reading.cursor(of:)) {
        case .none: break
        case .refuseQueued(let topic): refuseQueued(topic)
        case .verify(let kind): enqueue(.verify(kind))
        }
        if sending.isSettled { changeOfRoom.take()?() }
        closeIfIdle()
    }

    /// The client's order: nothing that it said in the room after a message that failed is handed to the log.
    private func refuseQueued(_ topic: Topic) {
        let refused = lane.remove { input in
            guard case .success(let request) = input else { return false }
            return request.command.appends(to: topic, from: phase.session?.currentRoom)
        }
        for case .success(let request) in refused {
            let error = ChatError(.unavailable, "not sent: an earlier message of yours in this room was not stored")
            connection.write(V2Frame(V2Event(error), ref: request.ref))
        }
    }

    // MARK: On the event loop: what the client is shown

    /// Has the next page read for one of the topics in which the client is behind, if the socket takes it.
    private func readNext() {
        if let wanted = reading.nextPage() { enqueue(.read(wanted)) }
    }

    private func take(_ page: ReadingPage, _ wanted: TopicReaders.Wanted, isLast: Bool) {
        if let room = reading.take(page, wanted, isLast: isLast), let session = phase.session {
            enqueue(.count(room, session))
        }
        readNext()
    }

    func frame(inPlaceOf own: Delivery) -> ByteBuffer? {
        guard let place = own.place else { return nil }  // a notice of one's own doing
        return sending.acknowledgement(inPlaceOf: place.id, own.topic, place.timestamp, place.sequence)
            .map { connection.textFrame($0.json) } ?? own.frame(in: connection.encoding)
    }

    func fallBehind() {
        loop.afterTick { [self] in
            reading.fallBehind()
            readNext()
        }
    }

    func canWriteAgain() { readNext() }

    func reads(_ kind: Topic.Kind) -> Bool { reading.reads(kind) }

    func logRenewed() {
        phase.dismiss()
        reading.close()
        sending.fallSilent()
    }

    func reconnectFrame(after delay: TimeAmount, because reason: String) -> ByteBuffer {
        let milliseconds = Int(delay.nanoseconds / 1_000_000)
        return connection.textFrame(V2Frame(.reconnect(reason: reason, delayMilliseconds: milliseconds)).json)
    }
}

extension V2Command {
    fileprivate var changesRoom: Bool {
        switch self {
        case .joinRoom, .leaveRoom: true
        case .chatMessage, .listUsers, .listRooms, .privateMessage, .inbox, .history, .typing, .authenticate: false
        }
    }

    /// Whether it puts something into the log of a room, which must not overtake what was put there before.
    ///
    /// - Parameter current: the room that is meant where the command names none.
    fileprivate func appends(to topic: Topic, from current: RoomName?) -> Bool {
        switch self {
        case .chatMessage(_, let room, _): (room.flatMap { try? RoomName($0) } ?? current) == topic.room
        case .joinRoom, .leaveRoom, .listUsers, .listRooms, .privateMessage, .inbox, .history, .typing, .authenticate:
            false
        }
    }
}
