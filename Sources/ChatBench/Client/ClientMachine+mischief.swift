import Wire

/// What clients do now and then, to try the server.
extension ClientMachine {
    enum Mischief: CaseIterable {
        /// Leave one of several rooms, and come back to it where it stopped.
        case leaveRoom
        /// Leave one of several rooms, and come back as one who has seen nothing.
        case leaveRoomAndForget
        /// Drop the connection without a word, and resume.
        case drop
        /// Drop the connection, and enter the rooms as one who has seen nothing.
        case dropAndForget
        /// Say goodbye, and come back later as a new session.
        case quit
        /// Read older messages.
        case pageBackward
        /// Read newer messages from an old place on.
        case pageForward
    }

    /// Does it where and when the moment allows.
    /// - Parameter pause: how long it stays away, in its order of magnitude.
    mutating func perform(_ mischief: Mischief, pause: Duration, _ now: Moment) {
        guard isReady, isConnected else { return }
        let pause = pause * Double.random(in: 0.5..<1.5, using: &random)
        switch mischief {
        case .leaveRoom: leaveRoom(Departure(pause: pause, forgets: false), now)
        case .leaveRoomAndForget: leaveRoom(Departure(pause: pause), now)
        case .drop: drop(forgets: false, until: now + backoff(), now)
        case .dropAndForget: drop(forgets: true, until: now + backoff(), now)
        case .quit: quit(Departure(pause: pause), now)
        case .pageBackward: page(.before, now)
        case .pageForward: page(.after, now)
        }
    }

    /// Cuts the connection, to resume at `moment`.
    mutating func drop(forgets: Bool, until moment: Moment, _ now: Moment) {
        guard isConnected else { return }
        cutOff(.dropped, "on purpose", comeBackAt: moment, now)
        guard forgets else { return }
        for index in rooms.indices { rooms[index].entersFresh = true }
    }

    /// Says goodbye as soon as nothing is pending.
    mutating func quit(_ departure: Departure, _ now: Moment) {
        goodbye = departure
        depart(now)
    }

    private mutating func leaveRoom(_ departure: Departure, _ now: Moment) {
        let live = rooms.indices.filter { rooms[$0].status == .live }
        guard live.count > 1, let index = live.randomElement(using: &random) else { return }
        rooms[index].departure = departure
        depart(now)
    }

    /// Leaves what is to be left, as far as nothing is pending there: whoever leaves in the middle of a message cannot
    /// know what became of it.
    mutating func depart(_ now: Moment) {
        guard isConnected else { return }
        if let goodbye, pending.isEmpty { return sayGoodbye(goodbye, now) }
        for index in rooms.indices where rooms[index].status == .live {
            let room = rooms[index].name
            guard let departure = rooms[index].departure, !pending.contains(where: { $0.message.room == room }) else {
                continue
            }
            rooms[index].departure = nil
            // Who leaves its last room is put in `global`, where nobody here wants to be.
            guard rooms.count(where: { $0.status == .live }) > 1 else { continue }
            rooms[index].status = .leaving
            rooms[index].wantedFrom = departure.pause.map { now + $0 } ?? Moment(nanoseconds: .max)
            rooms[index].entersFresh = departure.forgets
            log.append(.leaving(room: room), at: now)
            ask(.leave(room), .leaveRoom(room), now)
        }
    }

    private mutating func sayGoodbye(_ departure: Departure, _ now: Moment) {
        log.append(
            .disconnected(Disconnection(cause: .quit, address: currentAddress, words: "on purpose")), at: now)
        forgetConnection()
        goodbye = nil
        secret = nil
        positions = [:]
        inbox = InboxState()
        address += 1
        actions.append(.close)
        phase = .leaving(since: now, until: departure.pause.map { now + $0 } ?? Moment(nanoseconds: .max))
        schedule(now + .seconds(2))
    }

    private mutating func page(_ direction: PageRequest.Direction, _ now: Moment) {
        guard let room = rooms.filter({ $0.status == .live }).randomElement(using: &random),
            let cursor = positions[room.name]?.after
        else { return }
        let limit = Int.random(in: 1...100, using: &random)
        // Numbers are a whole stream's, not a room's: the newest tenth is where the room's own are.
        let from = UInt64.random(in: (cursor - cursor / 10)...cursor, using: &random)
        let request = PageRequest(
            direction: direction, from: direction == .before ? from + 1 : from, limit: limit, cursor: cursor)
        let range: V2HistoryRange = direction == .before ? .before(request.from) : .after(request.from)
        ask(.page(request), .history(room: room.name, range, limit: limit), now)
    }
}
