import Wire

extension ClientMachine {
    /// Unacknowledged messages of a room at a time; more than one, so that their order is tested, too.
    static let window = 4
    /// Further messages are not accepted, so a client that is cut off does not pile them up.
    static let mostPending = 8

    /// Accepts a message to one of its rooms; false if it cannot.
    mutating func say(_ canonical: (Message) -> Message, _ now: Moment) -> Bool {
        guard pending.count < Self.mostPending, goodbye == nil, case .connected = phase else { return false }
        let open = rooms.filter { ($0.status == .live || $0.status == .recovering) && $0.departure == nil }
        guard let room = open.randomElement(using: &random) else { return false }
        take(.room(room.name), canonical, now)
        return true
    }

    /// Accepts a private message; false if it cannot.
    mutating func whisper(to user: String, _ canonical: (Message) -> Message, _ now: Moment) -> Bool {
        guard identity.readsInbox, pending.count < Self.mostPending, goodbye == nil, isConnected,
            user != identity.name
        else { return false }
        take(.user(user), canonical, now)
        return true
    }

    private mutating func take(_ place: Message.Place, _ canonical: (Message) -> Message, _ now: Moment) {
        sentCount += 1
        // Unique in the run: messages are recognised by it where there is no id.
        var content = "\(identity.clientName) #\(sentCount)"
        if content.utf8.count < identity.payloadBytes {
            content +=
                " "
                + String(repeating: "·~", count: identity.payloadBytes).prefix(
                    max(0, (identity.payloadBytes - content.utf8.count - 1) * 2 / 3))
        }
        let message = Message(id: randomID(), place: place, sender: identity.name, content: content)
        pending.append(PendingMessage(message: canonical(message)))
        pump(now)
    }

    /// 128 random bits; an id should have at least 96.
    private mutating func randomID() -> String {
        let bits = [random.next(), random.next()].map { bits in
            let digits = String(bits, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return bits.joined()
    }

    /// Sends the messages that may be sent: to a room once it is live, and a few at a time.
    mutating func pump(_ now: Moment) {
        depart(now)
        guard isConnected, pending.contains(where: { !$0.isInFlight }) else { return }
        var inFlight: [Message.Place: Int] = [:]
        for waiting in pending where waiting.isInFlight { inFlight[waiting.message.place, default: 0] += 1 }
        for index in pending.indices where !pending[index].isInFlight {
            let message = pending[index].message
            guard pending[index].retryAt <= now else {
                schedule(pending[index].retryAt)
                continue
            }
            let isOpen =
                switch message.place {
                case .room(let name): rooms.contains { $0.name == name && $0.status == .live }
                case .user: inbox.isRead
                }
            guard isOpen, inFlight[message.place, default: 0] < Self.window else { continue }
            inFlight[message.place, default: 0] += 1
            pending[index].isInFlight = true
            pending[index].tries += 1
            log.append(.sent(message), at: now)
            switch message.place {
            case .room(let room):
                ask(.say(id: message.id), .chatMessage(content: message.content, room: room, id: message.id), now)
            case .user(let user):
                ask(.say(id: message.id), .privateMessage(to: user, content: message.content, id: message.id), now)
            }
        }
    }

    /// An `error`, to a request or to the connection as such.
    mutating func failed(_ ref: String?, _ code: String, _ content: String, _ retryAfter: Duration?, _ now: Moment) {
        guard let ref, let request = asked.removeValue(forKey: ref)?.request else {
            // The end of the connection follows and gives the reason.
            if code == "username_taken" || code == "unavailable" { return }
            return log.append(.unexpected("error \(code): \(content)"), at: now)
        }
        let pause = retryAfter ?? .milliseconds(Int64.random(in: 200...1000, using: &random))
        let isPassing = code == "unavailable" || code == "rate_limited"
        schedule(now + pause)
        switch request {
        case .say(let id):
            log.append(.refused(id: id, code: code, isFinal: !isPassing), at: now)
            guard let index = pending.firstIndex(where: { $0.message.id.hasSameBytes(as: id) }) else { return }
            if isPassing {
                pending[index].isInFlight = false
                pending[index].retryAt = now + pause
            } else {
                pending.remove(at: index)
            }
        case .join(let join):
            if !isPassing { log.append(.unexpected("join_room \(join.room): \(code), \(content)"), at: now) }
            guard let index = rooms.firstIndex(where: { $0.name == join.room }) else { return }
            rooms[index].status = .outside
            // The limit of rooms does not change; a client that asked for ever would never end the run.
            rooms[index].wantedFrom = code == "too_many_rooms" ? Moment(nanoseconds: .max) : now + pause
        case .leave(let room):
            if !isPassing { log.append(.unexpected("leave_room \(room): \(code), \(content)"), at: now) }
            guard let index = rooms.firstIndex(where: { $0.name == room }) else { return }
            rooms[index].status = .live
            rooms[index].wantedFrom = now
        case .inbox:
            if !isPassing { log.append(.unexpected("inbox: \(code), \(content)"), at: now) }
            inbox.isAsked = false
            inbox.retryAt = now + pause
        case .page:
            if !isPassing { log.append(.unexpected("history: \(code), \(content)"), at: now) }
        }
    }
}
