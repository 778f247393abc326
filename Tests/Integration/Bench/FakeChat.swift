import Wire

/// The chat behind the fake server. Confined to one event loop.
final class FakeChat {
    struct Stored {
        var message: V2Message
        /// Read no more.
        var isHidden = false
    }

    final class Session {
        let name: String
        let secret: String
        var rooms: Set<String> = []
        var connection: FakeConnection?
        let inbox: Inbox
        var hearsPrivate = false

        init(name: String, secret: String, inbox: Inbox) {
            self.name = name
            self.secret = secret
            self.inbox = inbox
        }
    }

    /// The private messages of a session, or of a user with a token.
    final class Inbox {
        var messages: [V2PrivateMessage] = []
    }

    var epoch = "fake"
    /// Whether another epoch is told to those who resume into it.
    var declaresEpochs = true
    let fault: Fault?
    /// How many chances to be wrong are let pass.
    var patience = 6
    /// By their secrets.
    var sessions: [String: Session] = [:]
    /// All that were presented, oldest first.
    var tokens: [String] = []
    /// Of the users who came with tokens.
    private var inboxes: [String: Inbox] = [:]
    private var classic: [FakeConnection] = []
    var logs: [String: [Stored]] = [:]
    private var sequences: [String: UInt64] = [:]
    private var lastSequence: UInt64 = 0
    var held: (connection: FakeConnection, event: V2Event, ref: String?, room: String)?

    init(fault: Fault?) { self.fault = fault }

    // MARK: Connections

    func connected(_ connection: FakeConnection) {
        if let token = connection.token { tokens.append(token) }
        guard let name = connection.name else { return connection.drop() }
        if connection.isClassic {
            let room = connection.parameters["room"] ?? "global"
            connection.rooms = [room]
            connection.send(.system(content: "\(name) joined the room \(room)"))
            return classic.append(connection)
        }
        let session: Session
        if let known = connection.parameters["session"].flatMap({ sessions[$0] }), known.name == name {
            known.connection?.drop()
            session = known
        } else if connection.token == nil, !sessions(of: name).isEmpty {
            connection.send(.error(code: "username_taken", content: "in use", retryAfterMilliseconds: nil))
            return connection.refuseName()
        } else {
            let secret = String(UInt64.random(in: .min ... .max), radix: 36)
            let inbox = connection.token != nil ? inbox(of: name) : Inbox()
            session = Session(name: name, secret: secret, inbox: inbox)
            sessions[secret] = session
            join(session, connection.parameters["room"] ?? "global")
        }
        session.connection = connection
        session.hearsPrivate = false
        connection.send(
            .welcome(
                V2Welcome(
                    username: name, session: session.secret, instance: "fake", version: "0",
                    rooms: session.rooms.sorted(),
                    limits: .init(messageBytes: 16_384, messagesPerWindow: 0, windowSeconds: 10))))
    }

    func disconnected(_ connection: FakeConnection, isOver: Bool) {
        classic.removeAll { $0 === connection }
        guard let session = session(of: connection) else { return }
        session.connection = nil
        guard isOver else { return }
        for room in session.rooms { leave(session, room) }
        if isTime(for: .listsTheGone) { return }
        sessions[session.secret] = nil
    }

    func session(of connection: FakeConnection) -> Session? {
        sessions.values.first { $0.connection === connection }
    }

    private func sessions(of name: String) -> [Session] { sessions.values.filter { $0.name == name } }

    private func inbox(of name: String) -> Inbox {
        if let inbox = inboxes[name] { return inbox }
        let inbox = Inbox()
        inboxes[name] = inbox
        return inbox
    }

    /// Whether another session of the user is in the room, so that nobody is told of this one.
    private func isElsewhere(_ session: Session, in room: String) -> Bool {
        sessions(of: session.name).contains { $0 !== session && $0.rooms.contains(room) }
    }

    // MARK: Rooms

    private func join(_ session: Session, _ room: String) {
        guard session.rooms.insert(room).inserted else { return }
        if isElsewhere(session, in: room), !isTime(for: .tellsOfEachSession) { return }
        // At the beginning nobody needs to have been there to hear.
        if logs[room] != nil, isTime(for: .forgetsJoin) { return }
        tell(room, except: session, .userJoined(room: room, username: session.name, members: nil, timestamp: ""))
    }

    private func leave(_ session: Session, _ room: String) {
        session.rooms.remove(room)
        session.connection?.rooms.remove(room)
        if isElsewhere(session, in: room) { return }
        if isTime(for: .forgetsLeave) { return }
        tell(room, except: session, .userLeft(room: room, username: session.name, members: nil, timestamp: ""))
    }

    func tell(_ room: String, except: Session, _ event: V2Event) {
        for session in sessions.values where session !== except {
            if let connection = session.connection, connection.rooms.contains(room) { connection.send(event) }
        }
    }

    // MARK: Commands

    /// Of a list at a time; so few that a client has to go on.
    private static let listPart = 3

    func handle(_ request: V2Request, _ connection: FakeConnection) {
        guard let session = session(of: connection) else { return }
        let ref = request.ref
        if doesWrong(request, session, connection) { return }
        switch request.command {
        case .chatMessage(let content, let room, let id):
            say(content, in: room ?? "global", id: id ?? "", session, connection, ref)
        case .joinRoom(let join): enter(join, session, connection, ref)
        case .leaveRoom(let room):
            leave(session, room ?? "global")
            connection.send(.left(room: room ?? "global"), ref: ref)
        case .listUsers(let room, let range):
            let present = memberships.filter { room.map($0.rooms.contains) ?? true }.map(\.name)
            let all = (isTime(for: .listsEachSession) ? present : Array(Set(present))).sorted()
            let rest = all.filter { $0 > range.after ?? "" }
            let users = Array(rest.prefix(Self.listPart))
            connection.send(
                .userList(room: room, users: users, more: rest.count > users.count, total: all.count), ref: ref)
        case .listRooms(let range):
            let users = Dictionary(memberships.map { ($0.name, $0.rooms) }) { $0.union($1) }
            let counts = users.values.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
            let rest = counts.filter { $0.key > range.after ?? "" }.sorted { $0.key < $1.key }
            let rooms = rest.prefix(Self.listPart).map { V2Room(name: $0, members: $1) }
            connection.send(.roomList(rooms, more: rest.count > rooms.count, total: counts.count), ref: ref)
        case .privateMessage(let to, let content, let id):
            whisper(content, to: to, id: id ?? "", session, connection, ref)
        case .inbox(let resume, _):
            let messages = session.inbox.messages.filter { $0.sequence > resume?.after ?? 0 }
            session.hearsPrivate = true
            // Inboxes are a log of their own, which is never another one here.
            connection.send(
                .inbox(V2Inbox(messages: messages, more: false, truncated: false, epoch: "inboxes")), ref: ref)
        case .history(let room, let range, let limit): page(room, range, limit ?? 50, connection, ref)
        case .authenticate(let token):
            tokens.append(token)
            connection.send(.authenticated(V2Authenticated(expiresAt: nil, role: "user")), ref: ref)
        case .typing: break
        }
    }

    private var memberships: [(name: String, rooms: Set<String>)] {
        sessions.values.map { ($0.name, $0.rooms) } + classic.map { ($0.parameters["username"] ?? "", $0.rooms) }
    }

    func read(_ room: String) -> [V2Message] { (logs[room] ?? []).filter { !$0.isHidden }.map(\.message) }

    private func enter(_ join: V2Join, _ session: Session, _ connection: FakeConnection, _ ref: String?) {
        if !join.stay {
            for room in session.rooms where room != join.room { leave(session, room) }
        }
        self.join(session, join.room)
        let all = read(join.room)
        connection.send(
            .joined(
                room: join.room,
                members: Set(sessions.values.filter { $0.rooms.contains(join.room) }.map(\.name)).count,
                lastSequence: all.last?.sequence ?? 0, epoch: epoch), ref: ref)
        show(join, all, connection)
        connection.rooms.insert(join.room)
    }

    private func show(_ join: V2Join, _ all: [V2Message], _ connection: FakeConnection) {
        let last = all.last?.sequence ?? 0
        let isAnew = join.resume.map { $0.epoch != epoch || $0.after > last } ?? false
        func send(_ messages: some Collection<V2Message>, more: Bool) {
            let messages = Array(messages)
            connection.send(
                .history(
                    V2History(
                        room: join.room, messages: messages, more: more, truncated: isAnew && declaresEpochs,
                        epoch: epoch)))
        }
        guard let resume = join.resume, !isAnew else {
            let wanted = join.history ?? 50
            return send(all.suffix(wanted), more: all.count > wanted)
        }
        var rest = all.filter { $0.sequence > resume.after }[...]
        if !rest.isEmpty, isTime(for: .holeInResume) { rest.removeFirst() }
        repeat {
            send(rest.prefix(100), more: rest.count > 100)
            rest = rest.dropFirst(100)
        } while !rest.isEmpty
    }

    private func page(
        _ room: String, _ range: V2HistoryRange, _ limit: Int, _ connection: FakeConnection, _ ref: String?
    ) {
        let all = read(room)
        var messages: [V2Message]
        let more: Bool
        switch range {
        case .latest:
            messages = all.suffix(limit)
            more = all.count > limit
        case .before(let sequence):
            let older = all.filter { $0.sequence < sequence }
            messages = older.suffix(limit)
            more = older.count > limit
        case .after(let sequence):
            let newer = all.filter { $0.sequence > sequence }
            messages = Array(newer.prefix(limit))
            more = newer.count > limit
        }
        if case .before = range, messages.count > 2, isTime(for: .pageWithHole) { messages.remove(at: 1) }
        let history = V2History(room: room, messages: messages, more: more, truncated: false, epoch: epoch)
        connection.send(.history(history), ref: ref)
    }

    // MARK: Messages

    /// Numbers of a whole stream: they grow, but are not dense.
    func nextSequence() -> UInt64 {
        lastSequence += 10
        return lastSequence
    }

    private func say(
        _ content: String, in room: String, id: String, _ session: Session, _ connection: FakeConnection,
        _ ref: String?
    ) {
        if let sequence = sequences[id] {
            let ack = V2Ack(id: id, room: room, sequence: sequence, timestamp: "", isDuplicate: true)
            return connection.send(.ack(ack), ref: ref)
        }
        let place = isTime(for: .reusesPlace) ? logs[room]?.last?.message.sequence : nil
        let message = V2Message(
            id: id, room: room, sender: session.name, content: content, timestamp: "",
            sequence: place ?? nextSequence())
        let ack = V2Event.ack(V2Ack(id: id, room: room, sequence: message.sequence, timestamp: ""))
        if isTime(for: .acksWithoutStoring) { return connection.send(ack, ref: ref) }
        sequences[id] = message.sequence
        let hides = isTime(for: .losesStored)
        logs[room, default: []].append(Stored(message: message, isHidden: hides))
        let release = held?.room == room
        deliver(message, from: connection)
        if isTime(for: .acksOutOfPlace), held == nil {
            held = (connection, ack, ref, room)
        } else {
            connection.send(ack, ref: ref)
        }
        if release, let held {
            held.connection.send(held.event, ref: held.ref)
            self.held = nil
        }
    }

    private func deliver(_ message: V2Message, from sender: FakeConnection) {
        let connections = sessions.values.compactMap(\.connection).filter { $0 !== sender }
        for connection in connections where connection.rooms.contains(message.room) {
            if session(of: connection)?.name == message.sender, isTime(for: .losesOwnElsewhere) { continue }
            for event in faulty(message, to: connection) { connection.send(event) }
        }
        if isTime(for: .wrongRoom) {
            for connection in connections where !connection.rooms.contains(message.room) && !connection.rooms.isEmpty {
                var stray = message
                stray.room = connection.rooms.sorted()[0]
                return connection.send(.chatMessage(stray))
            }
        }
        if isTime(for: .showsOutsiders) {
            for connection in connections where !connection.rooms.contains(message.room) {
                connection.send(.chatMessage(message))
            }
        }
        for connection in classic where connection.rooms.contains(message.room) {
            let event = ClassicEvent.chatMessage(
                sender: message.sender, content: message.content, timestamp: "", room: message.room)
            if isTime(for: .repeatsToClassic) { connection.send(event) }
            connection.send(event)
        }
    }

    private func whisper(
        _ content: String, to: String, id: String, _ session: Session, _ connection: FakeConnection, _ ref: String?
    ) {
        let recipients = sessions(of: to)
        guard let inbox = recipients.first?.inbox ?? inboxes[to] else {
            return connection.send(
                .error(code: "no_such_user", content: "not here", retryAfterMilliseconds: nil), ref: ref)
        }
        if let sequence = sequences[id] {
            return connection.send(.ack(V2Ack(id: id, sequence: sequence, timestamp: "", isDuplicate: true)), ref: ref)
        }
        var message = V2PrivateMessage(
            id: id, sender: session.name, to: to, content: content, timestamp: "", sequence: nextSequence())
        if !isTime(for: .losesPrivate) {
            inbox.messages.append(message)
            var readers = recipients
            let stranger = sessions.values.first { $0.name != to && $0.name != session.name && $0.hearsPrivate }
            if let stranger, isTime(for: .misdeliversPrivate) { readers = [stranger] }
            if readers.count > 1, isTime(for: .losesPrivateElsewhere) { readers.removeLast() }
            for reader in readers where reader.hearsPrivate { reader.connection?.send(.privateMessage(message)) }
        }
        message.sequence = nextSequence()
        session.inbox.messages.append(message)
        for other in sessions(of: session.name) where other !== session && other.inbox === session.inbox {
            if other.hearsPrivate { other.connection?.send(.privateMessage(message)) }
        }
        sequences[id] = message.sequence
        connection.send(.ack(V2Ack(id: id, sequence: message.sequence, timestamp: "")), ref: ref)
    }
}
