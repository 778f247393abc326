@testable import ChatBench

/// Writes histories by hand: each call is a second after the one before.
struct HistoryBuilder {
    static let run = "x"

    private(set) var history = History(run: run)
    private var seconds: Int64 = 0

    /// Connects clients `x-NAME`, and has each enter the room `x-r` while it is empty. A name with a point, as in `a.1`, is
    /// that of one client of several of the user `x-a`.
    init(_ names: String...) {
        for name in names {
            // All set out at the same time, so that nobody has to be told of another's arrival.
            var log = Self.log(name, .member)
            log.append(.connecting(address: "here"), at: .start)
            history.clients.append(log)
            add(name, .connected(address: "here", instance: ""))
            enter(name)
        }
    }

    mutating func history(adding name: String, role: ClientLog.Role = .member) {
        history.clients.append(Self.log(name, role))
    }

    private static func log(_ name: String, _ role: ClientLog.Role) -> ClientLog {
        ClientLog(name: "x-\(name)", user: "x-\(name.prefix { $0 != "." })", role: role)
    }

    mutating func useTokens() { history.usesTokens = true }

    /// Time passes in which nothing happens.
    mutating func pass(seconds count: Int) { seconds += Int64(count) }

    mutating func add(_ name: String, _ event: Event) {
        seconds += 1
        guard let index = history.clients.firstIndex(where: { $0.name == "x-\(name)" }) else { return }
        history.clients[index].append(event, at: Moment(nanoseconds: seconds * 1_000_000_000))
    }

    /// Enters, and is shown `history`; ready afterwards.
    mutating func enter(
        _ name: String, _ room: String = "x-r", after: UInt64? = nil, epoch: String = "e", head: UInt64 = 0,
        history messages: [Sighting] = [], truncated: Bool = false
    ) {
        add(
            name,
            .entered(
                Entrance(
                    room: room, after: after, askedEpoch: after.map { _ in "e" }, history: 50, keepsOthers: true,
                    lastSequence: head, epoch: epoch)))
        add(
            name,
            .recovered(Page(room: room, epoch: epoch, messages: messages, more: false, truncated: truncated)))
        add(name, .ready)
    }

    mutating func lose(_ name: String) {
        add(name, .disconnected(Disconnection(cause: .lost, address: "here", words: "")))
    }

    mutating func ack(_ name: String, _ sighting: Sighting, duplicate: Bool = false) {
        add(
            name,
            .acked(
                Acknowledgement(
                    id: sighting.message.id, room: sighting.message.room, sequence: sighting.sequence,
                    isDuplicate: duplicate)))
    }

    /// Sent, acknowledged, and shown to the others.
    mutating func say(_ name: String, _ sighting: Sighting, to others: String...) {
        add(name, .sent(sighting.message))
        ack(name, sighting)
        for other in others { add(other, .shown(sighting)) }
    }

    /// The last reading of `room`, and the verdict.
    mutating func read(_ sightings: [Sighting], room: String = "x-r", epoch: String = "e") {
        if !history.clients.contains(where: { $0.role == .reader }) {
            history.clients.append(ClientLog(name: "x-reader", role: .reader))
            add("reader", .connected(address: "here", instance: ""))
        }
        let request = PageRequest(direction: .after, from: 0, limit: 100, cursor: 0)
        let page = Page(room: room, epoch: epoch, messages: sightings, more: false, truncated: false)
        add("reader", .paged(page, request))
        add("reader", .disconnected(Disconnection(cause: .quit, address: "here", words: "")))
    }

    var breaches: [Breach.Kind: Int] { Judge().judge(history).breaches.counts }
}

extension Sighting {
    /// The `sequence`th message, from `x-NAME`.
    static func of(_ name: String, _ sequence: UInt64, room: String = "x-r", id: String? = nil) -> Sighting {
        Sighting(
            message: Message(
                id: id ?? "id\(sequence)", place: .room(room), sender: "x-\(name)",
                content: "content \(id ?? "\(sequence)")"),
            sequence: sequence)
    }
}
