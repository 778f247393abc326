import Wire

extension ClientMachine {
    mutating func start(_ now: Moment) {
        phase = .waiting(until: now)
        schedule(now)
    }

    mutating func connect(_ now: Moment) {
        phase = .connecting(since: now)
        schedule(now + Self.patience)
        log.append(.connecting(address: currentAddress), at: now)
        actions.append(
            .connect(
                address: address % identity.addresses.count, session: secret,
                room: rooms.first?.name ?? "global"))
    }

    /// The upgrade succeeded.
    mutating func opened(_ now: Moment) {
        guard case .connecting = phase else { return }
        phase = .connected(since: nil)
        lastHeard = now
        schedule(now + .seconds(1))
    }

    mutating func heard(_ now: Moment) { lastHeard = now }

    /// The connection ended, or could not be made, and not because of this client.
    /// - Parameter retryAfter: the delay that the server asks for.
    mutating func ended(_ words: String, isNameTaken: Bool = false, retryAfter: Duration? = nil, _ now: Moment) {
        switch phase {
        case .waiting, .gone: break
        case .leaving: left(now)
        case .connecting: giveUpConnecting(words, retryAfter: retryAfter, now)
        case .connected(let welcomed):
            let cause: Disconnection.Cause = isNameTaken ? .nameTaken : welcomed == nil ? .unreachable : .lost
            if welcomed == nil || isNameTaken { failures += 1 }
            cutOff(cause, words, comeBackAt: max(now + backoff(), returnAt ?? now), isOver: true, now)
        }
    }

    mutating func giveUpConnecting(_ words: String, retryAfter: Duration? = nil, _ now: Moment) {
        failures += 1
        // A server that asks for a delay is tried later; the next server may accept the client at once.
        let pause = identity.addresses.count == 1 ? max(backoff(), min(retryAfter ?? .zero, .seconds(5))) : backoff()
        cutOff(.unreachable, words, comeBackAt: now + pause, now)
    }

    /// Abandons the connection, and reconnects to the next address.
    mutating func cutOff(
        _ cause: Disconnection.Cause, _ words: String, comeBackAt: Moment, isOver: Bool = false, _ now: Moment
    ) {
        log.append(.disconnected(Disconnection(cause: cause, address: currentAddress, words: words)), at: now)
        if !isOver { actions.append(.abandon) }
        forgetConnection()
        address += 1
        phase = .waiting(until: comeBackAt)
        schedule(comeBackAt)
    }

    /// The server has closed the connection after the client's goodbye, or takes too long.
    mutating func left(_ now: Moment) {
        guard case .leaving(_, let until) = phase else { return }
        actions.append(.abandon)
        phase = until == Moment(nanoseconds: .max) ? .gone : .waiting(until: max(now, until))
        schedule(max(now, until))
    }

    /// Full jitter below a ceiling that doubles: short enough to return within the server's grace period.
    mutating func backoff() -> Duration {
        let ceiling = min(250 << min(failures, 4), 3000)
        return .milliseconds(Int64.random(in: 20...Int64(ceiling), using: &random))
    }

    mutating func forgetConnection() {
        isReady = false
        returnAt = nil
        asked = [:]
        inbox.isAsked = false
        inbox.isRead = false
        for index in rooms.indices {
            rooms[index].status = .outside
            rooms[index].departure = nil
        }
        for index in pending.indices { pending[index].isInFlight = false }
    }

    mutating func ask(_ request: Asked.Request, _ command: V2Command, _ now: Moment) {
        refCount += 1
        let ref = String(refCount)
        asked[ref] = Asked(request: request, at: now)
        actions.append(.send(V2Request(command, ref: ref)))
    }

    // MARK: Welcome

    mutating func welcomed(_ welcome: V2Welcome, _ now: Moment) {
        guard case .connected(nil) = phase else {
            return log.append(.unexpected("a second welcome"), at: now)
        }
        phase = .connected(since: now)
        failures = 0
        secret = welcome.session
        readsSince = now
        log.append(.connected(address: currentAddress, instance: welcome.instance), at: now)
        if welcome.username != identity.name {
            log.append(.unexpected("welcomed as \(welcome.username)"), at: now)
        }
        enterRooms(now)
        askInbox(now)
    }

    /// Asks for every wanted room whose time has come; also after a refusal.
    mutating func enterRooms(_ now: Moment) {
        guard isConnected else { return }
        for index in rooms.indices where rooms[index].status == .outside {
            guard rooms[index].wantedFrom <= now else {
                schedule(rooms[index].wantedFrom)
                continue
            }
            let room = rooms[index]
            let join = V2Join(
                room: room.name, resume: room.entersFresh ? nil : positions[room.name], history: 50,
                stay: rooms.count > 1)
            rooms[index].status = .joining
            log.append(.entering(room: room.name), at: now)
            ask(.join(join), .joinRoom(join), now)
        }
        if inbox.retryAt <= now { askInbox(now) }
    }

    mutating func askInbox(_ now: Moment) {
        guard identity.readsInbox, isConnected, !inbox.isAsked, !inbox.isRead else { return }
        inbox.isAsked = true
        ask(.inbox(inbox.position), .inbox(resume: inbox.position, limit: 100), now)
    }

    /// Records once per connection that everything is resumed.
    mutating func noteReadiness(_ now: Moment) {
        guard !isReady, rooms.allSatisfy({ $0.status == .live || $0.wantedFrom > now }),
            inbox.isRead || !identity.readsInbox
        else { return }
        isReady = true
        log.append(.ready, at: now)
    }
}
