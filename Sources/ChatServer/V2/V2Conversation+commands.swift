import Domain
import NIOCore
import Service
import Wire

/// What waits for the presence store or the log. In errands, one request at a time.
extension V2Conversation {
    /// As many of the latest messages a client is shown that does not say how many it wants.
    private static let defaultHistory = 50

    func perform(_ request: V2Request, _ session: Session) async {
        do throws(ChatError) {
            if let event = try await outcome(of: request, session) {
                connection.send(V2Frame(event, ref: request.ref))
            }
        } catch {
            connection.send(V2Frame(V2Event(error), ref: request.ref))
            // Private messages are counted where they are checked, all others before they come here.
            loop.post(.perform { [self] in countRefusal(error) })
        }
    }

    /// - Returns: the reply, where it is not sent in another way.
    private func outcome(of request: V2Request, _ session: Session) async throws(ChatError) -> V2Event? {
        switch request.command {
        case .joinRoom(let join):
            try await self.join(join, session, ref: request.ref)
            return nil
        case .leaveRoom(let name):
            try await leave(try name.map(Self.room), session, ref: request.ref)
            return nil
        case .listUsers(let name, let range):
            let room = try name.map(Self.room)
            return V2Event(try await service.users(in: room, ListRange(range)), in: room)
        case .listRooms(let range):
            return V2Event(try await service.rooms(ListRange(range)))
        case .privateMessage(let to, let content, let id):
            try await sayPrivately(content, to: to, id: try Self.id(id), session, ref: request.ref)
            return nil
        case .inbox(let position, let limit):
            try await showInbox(position, limit: limit ?? Self.defaultHistory, session, ref: request.ref)
            return nil
        case .history(let name, let range, let limit):
            return .history(try await history(of: name, range, limit: limit ?? Self.defaultHistory, session))
        case .chatMessage, .typing, .authenticate:
            return nil  // done on the event loop
        }
    }

    // MARK: Rooms

    private func join(_ join: V2Join, _ session: Session, ref: String?) async throws(ChatError) {
        let room = try Self.room(join.room)
        let outcome = try await service.enter(room, session, stay: join.stay)
        for room in outcome.left { stopReading(.room(room)) }
        let point =
            join.resume.map { ReadingPoint($0, orLatest: Self.defaultHistory) }
            ?? .latest(join.history ?? Self.defaultHistory)
        try await show(room, at: point, members: outcome.members, ref: ref)
    }

    private func leave(_ room: RoomName?, _ session: Session, ref: String?) async throws(ChatError) {
        let (left, membersOfGlobal) = try await service.leave(room, session)
        stopReading(.room(left))
        connection.send(V2Frame(.left(room: left.text), ref: ref))
        guard let membersOfGlobal else { return }
        try await show(.global, at: .latest(0), members: membersOfGlobal, ref: nil)
    }

    /// Tells that the room was joined, and begins to show it.
    private func show(_ room: RoomName, at point: ReadingPoint, members: Int, ref: String?) async throws(ChatError) {
        let topic = Topic.room(room)
        let start = try await service.topics.beginReading(topic, at: point)
        let joined = V2Frame(
            .joined(
                room: room.text, members: members, lastSequence: start.head.value, epoch: start.epoch.text), ref: ref)
        let manner: Reader.Manner =
            start.isResumed
            ? .resume(isTruncated: start.isTruncated)
            : .latest(hasOlder: start.hasOlder, isTruncated: start.isTruncated)
        loop.post(
            .perform { [self] in
                connection.write(joined)
                beginReading(topic, Reader(epoch: start.epoch, state: .behind(start.cursor, manner)))
            })
    }

    private func stopReading(_ topic: Topic) { loop.post(.perform { [self] in endReading(topic) }) }

    // MARK: History

    private func history(
        of name: String, _ range: V2HistoryRange, limit: Int, _ session: Session
    ) async throws(ChatError) -> V2History {
        let room = try Self.room(name)
        let range: LogRange =
            switch range {
            case .latest: .latest
            case .before(let sequence): .before(SequenceNumber(sequence))
            case .after(let sequence): .after(SequenceNumber(sequence))
            }
        let page = try await service.history(of: room, range, limit: limit, for: session)
        return V2History(
            room: room.text, messages: page.messages, more: page.more, truncated: page.isTruncated,
            epoch: page.epoch.text)
    }

    /// Shows the own private messages. New ones are shown from the first answer on that leaves nothing out: one that does
    /// not go on where the client stopped, or one with `more: false`.
    private func showInbox(
        _ position: V2Position?, limit: Int, _ session: Session, ref: String?
    ) async throws(ChatError) {
        let topic = Topic.inbox(session.username)
        let start = try await service.beginReadingInbox(
            of: session, at: position.map { ReadingPoint($0, orLatest: limit) } ?? .latest(limit))
        await onLoop { [self] in endReading(topic) }
        let page = try await service.topics.read(
            topic, after: start.cursor, in: start.epoch,
            limit: PageLimit(entries: limit, bytes: connection.pageLimit.bytes)
        ) { page in
            fanout.beginLive(topic, connection)
            loop.post(
                .perform { [self] in
                    connection.write(inbox(page, from: start, more: start.hasOlder, ref: ref))
                    goLive(topic, at: page.cursor, in: page.epoch)
                })
        }
        guard let page else { return }
        loop.post(
            .perform { [self] in
                let more = start.isResumed || start.hasOlder
                connection.write(inbox(page, from: start, more: more, ref: ref))
                // The newest were asked for, and newer ones have come: they follow as if they had come live.
                guard !start.isResumed else { return }
                beginReading(topic, Reader(epoch: page.epoch, state: .behind(page.cursor, .catchUp)))
            })
    }

    private func inbox(
        _ page: ReadingPage, from start: ReadingStart, more: Bool, ref: String?
    ) -> V2Frame {
        let isTruncated = start.isTruncated || (start.isResumed && page.isTruncated)
        return V2Frame(
            .inbox(
                V2Inbox(messages: page.privateMessages, more: more, truncated: isTruncated, epoch: page.epoch.text)),
            ref: ref)
    }

    // MARK: Private messages

    /// The acknowledgement says that both copies are stored, and stands in the order of the sender's own inbox: the sender's
    /// copy is stored last.
    private func sayPrivately(
        _ content: String, to name: String, id: MessageID?, _ session: Session, ref: String?
    ) async throws(ChatError) {
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
        loop.post(
            .perform { [self] in
                forgiveRefusals()
                append(own, ref: ref, accepted: accepted)
            })
    }

    func onLoop(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.post(
                .perform {
                    body()
                    continuation.resume()
                })
        }
    }
}

extension ReadingPoint {
    fileprivate init(_ position: V2Position, orLatest count: Int) {
        self = .after(SequenceNumber(position.after), position.epoch.map(Epoch.init(_:)), orLatest: count)
    }
}
