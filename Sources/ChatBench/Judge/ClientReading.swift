/// Goes through the events of one client, from its first connection to its last.
struct ClientReading {
    private let log: ClientLog
    /// The client's index in the history.
    private let index: Int
    private let usesTokens: Bool
    private let sent: SentMessages
    private let logs: RoomLogs
    /// Ids of the client's own messages that were acknowledged.
    private let ownAcks: TextSet
    private var views: [String: RoomView] = [:]
    private var inbox = InboxView()
    private var isConnected = false
    /// Acknowledgements of a room in which the client is not, or not yet, have no place in any order.
    private var acknowledged = TextSet()

    private(set) var counts = Counts()
    private(set) var breaches: Breaches

    init(_ history: History, client index: Int, sent: SentMessages, logs: RoomLogs, breaches: Breaches) {
        let log = history.clients[index]
        self.log = log
        self.index = index
        usesTokens = history.usesTokens
        self.sent = sent
        self.logs = logs
        self.breaches = breaches
        ownAcks = log.entries.reduce(into: TextSet()) { ids, entry in
            if case .acked(let ack) = entry.event { ids.insert(ack.id) }
        }
    }

    mutating func read() {
        for (index, entry) in log.entries.enumerated() { read(entry.event, entry.at, index) }
        let end = log.entries.last?.at ?? .start
        let isThere = isConnected && log.role == .member
        for room in views.keys.sorted() {
            views[room]?.finish(
                log: currentLog(room), at: end, mustBeComplete: isThere, ownAcks: ownAcks, breaches: &breaches)
            if isThere, let epoch = logs.finalEpochs[room] {
                views[room]?.checkEpoch(isLast: epoch, room: room, at: end, breaches: &breaches)
            }
        }
    }

    private mutating func read(_ event: Event, _ at: Moment, _ index: Int) {
        switch event {
        case .connecting, .entering, .leaving, .ready, .users, .rooms, .merged, .slow: break
        case .connected:
            isConnected = true
            counts.connections += 1
        case .disconnected(let end): disconnect(end)
        case .sent(let message): countSending(of: message, at)
        case .acked(let ack): acknowledge(ack, at)
        case .refused(let id, let code, let isFinal): refuse(id, code, isFinal, at)
        case .entered(let entrance): enter(entrance, at)
        case .left(let room): views[room]?.leave()
        case .shown(let sighting): show(sighting, at, index)
        case .recovered(let page): recover(page, at)
        case .paged(let page, let request):
            counts.pages += 1
            check(page.messages, at)
            PageCheck(client: log.name, at: at, log: logs[page.room, page.epoch])
                .check(page, request, breaches: &breaches)
        case .gap(let room, let low, let high):
            counts.gaps += 1
            let log = currentLog(room)
            views[room]?.declare(gapAfter: low, before: high, log: log, at: at, breaches: &breaches)
        case .inbox(let page, let after, let epoch):
            check(page.messages, at)
            counts.whispersDelivered += page.messages.count
            inbox.read(page, after: after, epoch: epoch, client: log.name, at: at, breaches: &breaches)
        case .whispered(let sighting):
            check([sighting], at)
            counts.whispersDelivered += 1
            inbox.see(sighting, client: log.name, at: at, breaches: &breaches)
        case .notice: counts.notices += 1
        case .overheard: counts.overheard += 1
        case .unexpected(let words):
            breaches.add(Breach(kind: .protocolViolation, client: log.name, at: at, words: words))
        }
    }

    // MARK: Connection

    private mutating func disconnect(_ end: Disconnection) {
        counts.disconnections[end.cause, default: 0] += 1
        isConnected = false
        if end.cause == .quit { inbox = InboxView() }
        for room in views.keys { views[room]?.leave() }
    }

    // MARK: Sending

    private mutating func countSending(of message: Message, _ at: Moment) {
        let isFirst = sent.byID[message.id].map { $0.first == at } ?? true
        switch message.place {
        case _ where !isFirst: counts.retries += 1
        case .room: counts.sent += 1
        case .user: counts.whispersSent += 1
        }
    }

    private mutating func acknowledge(_ ack: Acknowledgement, _ at: Moment) {
        if ack.isDuplicate { counts.duplicates += 1 }
        // The acknowledgement goes to the client that sent the message, and not to others of its user.
        guard let sending = sent.byID[ack.id], sending.client == index, case let message = sending.message else {
            let words = "an acknowledgement of what the client never sent"
            return breaches.add(
                Breach(kind: .protocolViolation, client: log.name, room: ack.room, id: ack.id, at: at, words: words))
        }
        if acknowledged.insert(ack.id), ack.room != nil { counts.acknowledged += 1 }
        guard let room = ack.room else { return }
        let sighting = Sighting(message: message, sequence: ack.sequence)
        guard message.room == room else {
            return breaches.add(Breach(.wrongRoom, log.name, sighting, at: at, words: "acknowledged for \(room)"))
        }
        let roomLog = currentLog(room)
        if roomLog?.lacks(ack.sequence) == true { breaches.add(Breach(.lost, log.name, sighting, at: at)) }
        if !ack.isDuplicate {
            views[room]?.see(
                sighting, .acknowledged, log: roomLog, at: at, ownAcks: ownAcks, breaches: &breaches)
        }
    }

    private mutating func refuse(_ id: String, _ code: String, _ isFinal: Bool, _ at: Moment) {
        counts.refusals[code, default: 0] += 1
        if isFinal { counts.failed += 1 }
        // The clients follow the protocol, so only the server can have caused these. With tokens private messages reach
        // users who are away, too.
        let ours = ["bad_request", "unknown_type", "not_in_room", "invalid_room", "empty_message"]
        if ours.contains(code) || usesTokens && code == "no_such_user" {
            breaches.add(
                Breach(
                    kind: .refused, client: log.name, room: sent.byID[id]?.message.room, id: id, at: at, words: code))
        }
    }

    // MARK: Rooms

    private func currentLog(_ room: String) -> RoomLog? {
        views[room].flatMap { logs[room, $0.epoch] }
    }

    private mutating func enter(_ entrance: Entrance, _ at: Moment) {
        if !entrance.keepsOthers {
            for room in views.keys where room != entrance.room { views[room]?.leave() }
        }
        if views[entrance.room]?.resume(entrance) == true { return }
        let roomLog = currentLog(entrance.room)
        views[entrance.room]?.leave()
        views[entrance.room]?.finish(
            log: roomLog, at: at, mustBeComplete: false, ownAcks: ownAcks, breaches: &breaches)
        if let old = views[entrance.room], entrance.after != nil, old.epoch != entrance.epoch {
            counts.epochChanges += 1
        }
        views[entrance.room] = RoomView(client: log.name, entrance: entrance)
    }

    private mutating func recover(_ page: Page, _ at: Moment) {
        check(page.messages, at)
        if page.truncated { counts.truncated += 1 }
        guard var view = views[page.room] else {
            let words = "history of a room that was never entered"
            return breaches.add(
                Breach(kind: .protocolViolation, client: log.name, room: page.room, at: at, words: words))
        }
        counts.recovered += page.messages.count
        var sound = page
        sound.messages.removeAll { sent.fault(of: $0.message) != nil || $0.message.room != page.room }
        view.recover(sound, log: logs[page.room, page.epoch], at: at, ownAcks: ownAcks, breaches: &breaches)
        views[page.room] = view
    }

    private mutating func show(_ sighting: Sighting, _ at: Moment, _ index: Int) {
        counts.delivered += 1
        guard let room = sighting.message.room, isSound(sighting, at) else { return }
        guard let view = views[room], view.isInside else {
            return breaches.add(Breach(.notMember, log.name, sighting, at: at))
        }
        if view.isRecovering {
            breaches.add(Breach(.outOfOrder, log.name, sighting, at: at, words: "live, before the history had ended"))
        }
        let roomLog = logs[room, view.epoch]
        if roomLog?.lacks(sighting.sequence) == true { breaches.add(Breach(.unstored, log.name, sighting, at: at)) }
        views[room]?.see(sighting, .live, log: roomLog, at: at, ownAcks: ownAcks, breaches: &breaches)
    }

    // MARK: Messages

    private mutating func check(_ sightings: [Sighting], _ at: Moment) {
        for sighting in sightings { _ = isSound(sighting, at) }
    }

    /// Whether the message is as its sender sent it, and shown to the right client.
    private mutating func isSound(_ sighting: Sighting, _ at: Moment) -> Bool {
        let message = sighting.message
        if let fault = sent.fault(of: message) {
            breaches.add(Breach(fault.kind, log.name, sighting, at: at, words: fault.words))
            return false
        }
        if let recipient = message.recipient, recipient != log.user, message.sender != log.user {
            breaches.add(
                Breach(.wrongReader, log.name, sighting, at: at, words: "from \(message.sender) to \(recipient)"))
            return false
        }
        return true
    }
}
