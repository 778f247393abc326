import Domain
import NIOCore
import Service
import Wire

/// Does one request that waits for the presence store or the log. In an errand.
struct V2RequestErrand: Sendable {
    /// As many of the latest messages a client is shown that does not say how many it wants.
    private static let defaultHistory = 50

    let request: V2Request
    let session: Session
    let connection: Connection
    let edge: Edge
    /// Called on the event loop.
    let perform: @Sendable (V2Step) -> Void

    private var service: ChatService { edge.service }
    private var ref: String? { request.ref }

    func run() async {
        do throws(ChatError) {
            if let event = try await outcome() { post(.tell(V2Frame(event, ref: ref))) }
        } catch {
            post(.tell(V2Frame(V2Event(error), ref: ref)), .refused(error))
        }
    }

    /// Has steps done with nothing in between.
    private func post(_ steps: V2Step...) {
        connection.connectionLoop.post(.perform { for step in steps { perform(step) } })
    }

    /// - Returns: the reply, where it is not sent in another way.
    private func outcome() async throws(ChatError) -> V2Event? {
        switch request.command {
        case .joinRoom(let join):
            try await self.join(join)
            return nil
        case .leaveRoom(let name):
            try await leave(try name.map(RoomName.checked))
            return nil
        case .listUsers(let name, let range):
            let room = try name.map(RoomName.checked)
            return V2Event(try await users(in: room, ListRange(range)), in: room)
        case .listRooms(let range):
            return V2Event(try await service.rooms(ListRange(range), for: session.principal.permissions))
        case .privateMessage(let to, let content, let id):
            try await sayPrivately(content, to: to, id: try id.map(MessageID.checked))
            return nil
        case .inbox(let position, let limit):
            try await showInbox(position, limit: limit ?? Self.defaultHistory)
            return nil
        case .history(let name, let range, let limit):
            return .history(try await history(of: name, range, limit: limit ?? Self.defaultHistory))
        case .authenticate(let token):
            try await authenticate(token)
            return nil
        case .chatMessage, .typing:
            return nil  // done on the event loop
        }
    }

    private func users(in room: RoomName?, _ range: ListRange) async throws(ChatError) -> ListPage<String> {
        guard let room else { return try await service.users(range, for: session) }
        return try await service.users(in: room, range, for: session.principal)
    }

    // MARK: Tokens

    /// What the user may not read any more has ended when the reply is written: it stands behind the steps that end it.
    private func authenticate(_ token: String) async throws(ChatError) {
        guard let identification = edge.identification else {
            throw ChatError(.forbidden, "this server does not use tokens")
        }
        let principal: Principal
        do throws(AuthenticationError) {
            principal = try await identification.authenticate(token)
        } catch {
            throw ChatError(.invalidToken, "\(error)")
        }
        guard principal.username == session.username else {
            throw ChatError(.forbidden, "the token is another user's")
        }
        let (_, membersOfGlobal) = try await service.setPrincipal(principal, of: session, stopReading: stopReading)
        post(.authenticated(principal), .tell(V2Frame(V2Event(principal), ref: ref)))
        guard let membersOfGlobal else { return }
        try await show(.global, at: .latest(0), members: membersOfGlobal, ref: nil)
    }

    // MARK: Rooms

    private func join(_ join: V2Join) async throws(ChatError) {
        let room = try RoomName.checked(join.room)
        let outcome = try await service.enter(room, session, stay: join.stay, stopReading: stopReading)
        let point =
            join.resume.map { ReadingPoint($0, orLatest: Self.defaultHistory) }
            ?? .latest(join.history ?? Self.defaultHistory)
        try await show(room, at: point, members: outcome.members, ref: ref)
    }

    private func leave(_ room: RoomName?) async throws(ChatError) {
        let (left, membersOfGlobal) = try await service.leave(room, session, stopReading: stopReading)
        post(.tell(V2Frame(.left(room: left.text), ref: ref)))
        guard let membersOfGlobal else { return }
        try await show(.global, at: .latest(0), members: membersOfGlobal, ref: nil)
    }

    /// Tells that the room was joined, and begins to show it.
    private func show(_ room: RoomName, at point: ReadingPoint, members: Int, ref: String?) async throws(ChatError) {
        let topic = Topic.room(room)
        let start = try await service.topics.beginReading(topic, at: point) {
            // A client that joins a room once more was shown it live: of that nothing is beyond the start, and what comes
            // from now on is read.
            post(.endReading(topic))
        }
        let joined = V2Frame(
            .joined(
                room: room.text, members: members, lastSequence: start.head.value, epoch: start.epoch.text), ref: ref)
        let manner: TopicReader.Manner =
            start.isResumed
            ? .resume(isTruncated: start.isTruncated)
            : .latest(hasOlder: start.hasOlder, isTruncated: start.isTruncated)
        post(
            .tell(joined),
            .beginReading(topic, TopicReader(epoch: start.epoch, state: .behind(start.cursor, manner))))
    }

    private func stopReading(_ room: RoomName) { post(.endReading(.room(room))) }

    // MARK: History

    private func history(
        of name: String, _ range: V2HistoryRange, limit: Int
    ) async throws(ChatError) -> V2History {
        let room = try RoomName.checked(name)
        let range: LogRange =
            switch range {
            case .latest: .latest
            case .before(let sequence): .before(SequenceNumber(sequence))
            case .after(let sequence): .after(SequenceNumber(sequence))
            }
        let page = try await service.history(of: room, range, limit: limit, for: session)
        return V2History(
            room: room.text, entries: page.historyEntries, more: page.more, truncated: page.isTruncated,
            epoch: page.epoch.text)
    }

    /// Shows the own private messages. New ones are shown from the first answer on that leaves nothing out: one that does
    /// not go on where the client stopped, or one with `more: false`.
    private func showInbox(_ position: V2Position?, limit: Int) async throws(ChatError) {
        let topic = Topic.inbox(session.username)
        let start = try await service.beginReadingInbox(
            of: session, at: position.map { ReadingPoint($0, orLatest: limit) } ?? .latest(limit)
        ) {
            // Of what was shown live until now nothing is beyond the answer, and nothing is between the two.
            post(.endReading(topic))
        }
        let page = try await service.topics.read(
            topic, after: start.cursor, in: start.epoch,
            limit: PageLimit(entries: limit, bytes: connection.pageLimit.bytes)
        ) { page in
            edge.fanout.beginLive(topic, connection)
            post(.tell(inbox(page, from: start, more: start.hasOlder)), .goLive(topic, at: page.cursor, page.epoch))
        }
        guard let page else { return }
        let first = V2Step.tell(inbox(page, from: start, more: start.isResumed || start.hasOlder))
        // Where the newest were asked for and newer ones have come, those follow as if they had come live.
        guard !start.isResumed else { return post(first) }
        post(first, .beginReading(topic, TopicReader(epoch: page.epoch, state: .behind(page.cursor, .catchUp))))
    }

    private func inbox(_ page: ReadingPage, from start: ReadingStart, more: Bool) -> V2Frame {
        let isTruncated = start.isTruncated || (start.isResumed && page.isTruncated)
        return V2Frame(
            .inbox(
                V2Inbox(messages: page.privateMessages, more: more, truncated: isTruncated, epoch: page.epoch.text)),
            ref: ref)
    }

    // MARK: Private messages

    /// The acknowledgement says that both copies are stored, and stands in the order of the sender's own inbox: the sender's
    /// copy is stored last.
    private func sayPrivately(_ content: String, to name: String, id: MessageID?) async throws(ChatError) {
        let recipient: Username
        do throws(NameError) { recipient = try Username(name) } catch { throw .invalidUsername(error) }
        let drafts = try await service.privateDrafts(content, to: recipient, id: id, from: session)
        guard let own = drafts.last else { return }
        let accepted = NIODeadline.now()
        if drafts.count > 1, let copy = drafts.first {
            _ = try await withCheckedContinuation { continuation in
                service.append(copy) { continuation.resume(returning: $0) }
            }.get()
        }
        post(.append(own, ref: ref, accepted: accepted))
    }
}

extension ReadingPoint {
    fileprivate init(_ position: V2Position, orLatest count: Int) {
        self = .after(SequenceNumber(position.after), position.epoch.map(Epoch.init(_:)), orLatest: count)
    }
}
