import Wire

/// What clients do from time to time to test the server.
extension ClientMachine {
    enum Mischief: CaseIterable {
        /// Leave one of several rooms, and return to it at the place where the client stopped.
        case leaveRoom
        /// Leave one of several rooms, and return as a client that has seen nothing.
        case leaveRoomAndForget
        /// Drop the connection without a goodbye, and resume.
        case drop
        /// Drop the connection, and enter the rooms as a client that has seen nothing.
        case dropAndForget
        /// Say goodbye, and return later as a new session.
        case quit
        /// Read older messages.
        case pageBackward
        /// Read the messages after an old place.
        case pageForward
    }

    /// Does it if the client is connected and ready; otherwise nothing happens.
    /// - Parameter pause: the order of magnitude of the absence.
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

    /// Cuts the connection, and resumes at `moment`.
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

    /// Leaves the rooms that should be left and have no pending message: a client that leaves while a message is
    /// pending cannot know its outcome.
    mutating func depart(_ now: Moment) {
        guard isConnected else { return }
        if let goodbye, pending.isEmpty { return sayGoodbye(goodbye, now) }
        for index in rooms.indices where rooms[index].status == .live {
            let room = rooms[index].name
            guard let departure = rooms[index].departure, !pending.contains(where: { $0.message.room == room }) else {
                continue
            }
            rooms[index].departure = nil
            // A client that leaves its last room is put into `global`, which no client of the run wants.
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
        // Numbers count the whole stream, not one room: the newest tenth is likely to include the room's own.
        let from = UInt64.random(in: (cursor - cursor / 10)...cursor, using: &random)
        let request = PageRequest(
            direction: direction, from: direction == .before ? from + 1 : from, limit: limit, cursor: cursor)
        let range: V2HistoryRange = direction == .before ? .before(request.from) : .after(request.from)
        ask(.page(request), .history(room: room.name, range, limit: limit), now)
    }
}
