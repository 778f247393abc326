import Wire

/// A history as NDJSON: a line for the run, one per client, and then one per event in the order of their times.
///
/// A message has a separate line, with a number, before the first event in which it occurs.
extension History {
    static let format = "chat-bench history 1"

    /// - Parameter write: gets the lines, each with its line end, a batch at a time.
    func write(_ write: ([UInt8]) throws -> Void) rethrows {
        var lines = HistoryLines()
        lines.add { line in
            line.add("format", Self.format)
            line.add("run", run)
            if usesTokens { line.add("tokens", true) }
        }
        for (index, client) in clients.enumerated() {
            lines.add { line in
                line.add("client", index)
                line.add("name", client.name)
                if client.user != client.name { line.add("user", client.user) }
                line.add("role", client.role.rawValue)
            }
        }
        for (client, index) in inOrder() {
            lines.add(clients[client].entries[index], client: client)
            if lines.bytes.count > 1 << 20 { try write(lines.take()) }
        }
        try write(lines.take())
    }

    private func inOrder() -> [(client: Int, entry: Int)] {
        var places = clients.indices.flatMap { client in
            clients[client].entries.indices.map { (client: client, entry: $0) }
        }
        func moment(_ place: (client: Int, entry: Int)) -> Moment { clients[place.client].entries[place.entry].at }
        // The sort is not stable, but a client's own order must survive equal times.
        places.sort { (moment($0), $0.client, $0.entry) < (moment($1), $1.client, $1.entry) }
        return places
    }
}

private struct HistoryLines {
    private(set) var bytes: [UInt8] = []
    private var numbers: [Message: Int] = [:]

    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    mutating func add(_ fill: (inout JSONObjectWriter) -> Void) {
        var line = JSONObjectWriter()
        fill(&line)
        bytes += line.finish()
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func number(of message: Message) -> Int {
        if let number = numbers[message] { return number }
        let number = numbers.count
        numbers[message] = number
        add { line in
            line.add("message", number)
            line.add("id", message.id)
            line.add("room", ifPresent: message.room)
            line.add("to", ifPresent: message.recipient)
            line.add("sender", message.sender)
            line.add("content", message.content)
        }
        return number
    }

    mutating func add(_ entry: ClientLog.Entry, client: Int) {
        var numbered: [(number: Int, sequence: UInt64)] = []
        for sighting in entry.event.sightings { numbered.append((number(of: sighting.message), sighting.sequence)) }
        if case .sent(let message) = entry.event { numbered.append((number(of: message), 0)) }
        add { line in
            line.add("t", entry.at.nanoseconds)
            line.add("client", client)
            line.add("event", entry.event.name)
            line.add(entry.event, numbered)
        }
    }
}

extension Event {
    /// The event's name in the file.
    var name: String {
        switch self {
        case .connecting: "connecting"
        case .connected: "connected"
        case .disconnected: "disconnected"
        case .ready: "ready"
        case .sent: "sent"
        case .acked: "acked"
        case .refused: "refused"
        case .entering: "entering"
        case .leaving: "leaving"
        case .entered: "entered"
        case .left: "left"
        case .shown: "shown"
        case .recovered: "recovered"
        case .paged: "paged"
        case .gap: "gap"
        case .inbox: "inbox"
        case .whispered: "whispered"
        case .notice: "notice"
        case .merged: "merged"
        case .users: "users"
        case .rooms: "rooms"
        case .overheard: "overheard"
        case .slow: "slow"
        case .unexpected: "unexpected"
        }
    }

    var sightings: [Sighting] {
        switch self {
        case .shown(let sighting), .whispered(let sighting): [sighting]
        case .recovered(let page), .paged(let page, _), .inbox(let page, _, _): page.messages
        default: []
        }
    }
}

extension JSONObjectWriter {
    fileprivate mutating func add(_ event: Event, _ numbered: [(number: Int, sequence: UInt64)]) {
        switch event {
        case .connecting(let address): add("address", address)
        case .connected(let address, let instance):
            add("address", address)
            add("instance", instance)
        case .disconnected(let end):
            add("address", end.address)
            add("cause", end.cause.rawValue)
            add("words", end.words)
        case .ready: break
        case .sent: add("m", numbered.first?.number ?? 0)
        case .shown, .whispered:
            add("m", numbered.first?.number ?? 0)
            add("seq", numbered.first?.sequence ?? 0)
        case .acked(let ack):
            add("id", ack.id)
            add("room", ifPresent: ack.room)
            add("seq", ack.sequence)
            if ack.isDuplicate { add("duplicate", true) }
        case .refused(let id, let code, let isFinal):
            add("id", id)
            add("code", code)
            add("final", isFinal)
        case .entered(let entrance):
            add("room", entrance.room)
            add("after", ifPresent: entrance.after)
            add("asked_epoch", ifPresent: entrance.askedEpoch)
            add("history", entrance.history)
            add("stay", entrance.keepsOthers)
            add("last_seq", entrance.lastSequence)
            add("epoch", entrance.epoch)
        case .left(let room), .entering(let room), .leaving(let room): add("room", room)
        case .recovered(let page): add(page, numbered)
        case .paged(let page, let request):
            add(page, numbered)
            add("direction", request.direction.rawValue)
            add("from", request.from)
            add("limit", request.limit)
            add("cursor", request.cursor)
        case .inbox(let page, let after, let epoch):
            add(page, numbered)
            add("after", ifPresent: after)
            add("asked_epoch", ifPresent: epoch)
        case .gap(let room, let after, let before):
            add("room", room)
            add("after", after)
            add("before", before)
        case .notice(let room, let user, let isJoin):
            add("room", room)
            add("user", user)
            add("joined", isJoin ? 1 : 0)
        case .merged(let room, let joined, let left):
            add("room", room)
            add("joined", joined)
            add("left", left)
        case .users(let room, let users):
            add("room", ifPresent: room)
            add("users", users)
        case .rooms(let rooms):
            add("rooms", rooms.sorted { $0.key < $1.key }) { writer, room in
                writer.add("name", room.key)
                writer.add("members", room.value)
            }
        case .overheard(let room, let sender, let content):
            add("room", room)
            add("sender", sender)
            add("content", content)
        case .slow(let duration): add("for", duration.nanoseconds)
        case .unexpected(let words): add("words", words)
        }
    }

    private mutating func add(_ page: Page, _ numbered: [(number: Int, sequence: UInt64)]) {
        add("room", page.room)
        add("epoch", page.epoch)
        add("messages", numbered) { writer, message in
            writer.add("m", message.number)
            writer.add("seq", message.sequence)
        }
        add("more", page.more)
        add("truncated", page.truncated)
    }
}
