import Wire

extension ClientMachine {
    /// A frame of the server; `canonical` gives equal messages one object.
    mutating func received(_ frame: V2Frame, _ canonical: (Message) -> Message, _ now: Moment) {
        lastHeard = now
        guard case .connected(let since) = phase else { return }
        switch frame.event {
        case .welcome(let welcome): welcomed(welcome, now)
        case .error(let code, let content, let retryAfter):
            failed(frame.ref, code, content, retryAfter.map { .milliseconds(min(max($0, 0), 60_000)) }, now)
        case _ where since == nil:
            log.append(.unexpected("\(frame.event.type) before welcome"), at: now)
        case .chatMessage(let message): shown(Sighting(message, canonical), now)
        case .privateMessage(let message): whispered(Sighting(message, canonical), now)
        case .ack(let ack): acknowledged(ack, frame.ref, now)
        case .joined(let room, _, let last, let epoch): joined(room, last, epoch, frame.ref, now)
        case .left(let room): leftRoom(room, frame.ref, now)
        case .history(let history): read(Page(history, canonical), frame.ref, now)
        case .inbox(let inbox): readInbox(Page(inbox, canonical), frame.ref, now)
        case .gap(let room, let after, let before):
            log.append(.gap(room: room, after: after, before: before), at: now)
            advance(room, to: before > 0 ? before - 1 : 0)
        case .userJoined(let room, let user, _, _):
            log.append(.notice(room: room, user: user, isJoin: true), at: now)
        case .userLeft(let room, let user, _, _):
            log.append(.notice(room: room, user: user, isJoin: false), at: now)
        case .roomMembers(let room, _, let joined, let left, _):
            log.append(.merged(room: room, joined: joined, left: left), at: now)
        case .reconnect(_, let delay):
            let moment = now + .milliseconds(min(max(delay, 0), 60_000))
            returnAt = moment
            schedule(moment)
        case .userList, .roomList: log.append(.unexpected("a list that nobody asked for"), at: now)
        default: break  // what the judge has no rules for
        }
    }

    /// A frame that does not belong to the protocol.
    mutating func receivedUnknown(_ words: String, _ now: Moment) {
        lastHeard = now
        log.append(.unexpected(words), at: now)
    }

    private func index(of room: String) -> Int? { rooms.firstIndex { $0.name == room } }

    private mutating func advance(_ room: String, to sequence: UInt64) {
        guard let position = positions[room], position.after < sequence else { return }
        positions[room]?.after = sequence
    }

    // MARK: Rooms

    private mutating func joined(_ room: String, _ last: UInt64, _ epoch: String, _ ref: String?, _ now: Moment) {
        guard let ref, case .join(let join)? = asked.removeValue(forKey: ref)?.request, join.room == room
        else { return log.append(.unexpected("joined \(room), which nobody asked for"), at: now) }
        let entrance = Entrance(
            room: room, after: join.resume?.after, askedEpoch: join.resume?.epoch, history: join.history ?? 50,
            keepsOthers: join.stay, lastSequence: last, epoch: epoch)
        log.append(.entered(entrance), at: now)
        if !entrance.goesOn { positions[room] = nil }
        guard let index = index(of: room) else { return }
        rooms[index].status = .recovering
        rooms[index].lastSequence = last
        rooms[index].isResumed = entrance.goesOn
        rooms[index].entersFresh = false
    }

    private mutating func leftRoom(_ room: String, _ ref: String?, _ now: Moment) {
        log.append(.left(room: room), at: now)
        if let ref { asked[ref] = nil }
        guard let index = index(of: room) else { return }
        rooms[index].status = .outside
        schedule(rooms[index].wantedFrom)
    }

    private mutating func read(_ page: Page, _ ref: String?, _ now: Moment) {
        if let ref, case .page(let request)? = asked[ref]?.request {
            asked[ref] = nil
            return log.append(.paged(page, request), at: now)
        }
        log.append(.recovered(page), at: now)
        for sighting in page.messages { settle(sighting.message) }
        guard let index = index(of: page.room), rooms[index].status == .recovering else { return }
        if let last = page.messages.last {
            positions[page.room] = V2Position(
                after: max(last.sequence, positions[page.room]?.after ?? 0), epoch: page.epoch)
        } else if positions[page.room] == nil || page.truncated {
            positions[page.room] = V2Position(after: rooms[index].lastSequence, epoch: page.epoch)
        }
        if page.more, rooms[index].isResumed { return }
        rooms[index].status = .live
        noteReadiness(now)
        pump(now)
    }

    // MARK: Messages

    private mutating func shown(_ sighting: Sighting, _ now: Moment) {
        log.append(.shown(sighting), at: now)
        if let room = sighting.message.room { advance(room, to: sighting.sequence) }
        settle(sighting.message)
    }

    private mutating func whispered(_ sighting: Sighting, _ now: Moment) {
        log.append(.whispered(sighting), at: now)
        inbox.position?.after = sighting.sequence
        settle(sighting.message)
    }

    private mutating func readInbox(_ page: Page, _ ref: String?, _ now: Moment) {
        guard let ref, case .inbox(let position)? = asked.removeValue(forKey: ref)?.request else {
            return log.append(.unexpected("an inbox that nobody asked for"), at: now)
        }
        log.append(.inbox(page, after: position?.after, epoch: position?.epoch), at: now)
        for sighting in page.messages { settle(sighting.message) }
        let kept = position?.epoch == page.epoch ? position?.after : nil
        inbox.position = V2Position(after: page.messages.last?.sequence ?? kept ?? 0, epoch: page.epoch)
        inbox.isAsked = false
        if page.more, position != nil, !page.messages.isEmpty { return askInbox(now) }
        inbox.isRead = true
        noteReadiness(now)
        pump(now)
    }

    private mutating func acknowledged(_ ack: V2Ack, _ ref: String?, _ now: Moment) {
        if let ref { asked[ref] = nil }
        guard let id = ack.id, let sequence = ack.sequence else {
            return log.append(.unexpected("an ack without id or seq"), at: now)
        }
        log.append(
            .acked(Acknowledgement(id: id, room: ack.room, sequence: sequence, isDuplicate: ack.isDuplicate)), at: now)
        if let room = ack.room, !ack.isDuplicate { advance(room, to: sequence) }
        pending.removeAll { $0.message.id.hasSameBytes(as: id) }
        pump(now)
    }

    /// A client that sees its own message need not send it again. The sender's copy of a private one may have another
    /// id.
    private mutating func settle(_ message: Message) {
        guard message.sender == identity.name, !pending.isEmpty else { return }
        pending.removeAll {
            $0.message.id.hasSameBytes(as: message.id) || $0.message.content.hasSameBytes(as: message.content)
        }
    }
}

extension Sighting {
    init(_ message: V2Message, _ canonical: (Message) -> Message) {
        self.init(
            message: canonical(
                Message(id: message.id, place: .room(message.room), sender: message.sender, content: message.content)),
            sequence: message.sequence)
    }

    init(_ message: V2PrivateMessage, _ canonical: (Message) -> Message) {
        self.init(
            message: canonical(
                Message(id: message.id, place: .user(message.to), sender: message.sender, content: message.content)),
            sequence: message.sequence)
    }
}

extension Page {
    init(_ history: V2History, _ canonical: (Message) -> Message) {
        self.init(
            room: history.room, epoch: history.epoch, messages: history.messages.map { Sighting($0, canonical) },
            more: history.more, truncated: history.truncated)
    }

    init(_ inbox: V2Inbox, _ canonical: (Message) -> Message) {
        self.init(
            room: "", epoch: inbox.epoch, messages: inbox.messages.map { Sighting($0, canonical) }, more: inbox.more,
            truncated: inbox.truncated)
    }
}
