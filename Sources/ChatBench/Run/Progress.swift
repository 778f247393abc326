import Wire

/// The progress of all clients together.
struct Progress: Equatable, Sendable {
    /// The smallest and the greatest place that any of its members has reached.
    struct Span: Equatable, Sendable {
        var low: UInt64
        var high: UInt64
    }

    var clients = 0
    var ready = 0
    var pending = 0
    var welcomed = 0
    /// The clients that left for good.
    var gone = 0
    var rooms: [String: Span] = [:]
    var members: [String: Set<String>] = [:]
    var names: Set<String> = []
    /// The reason of the last failed connection.
    var failure: String?

    mutating func add(_ machine: ClientMachine) {
        clients += 1
        if machine.phase == .gone {
            gone += 1
            return
        }
        pending += machine.pending.count
        if machine.isReady { ready += 1 }
        if machine.secret != nil || machine.isConnected { welcomed += 1 }
        if case .disconnected(let end)? = machine.log.entries.last?.event { failure = end.words }
        guard machine.isConnected else { return }
        names.insert(machine.identity.name)
        for room in machine.rooms where room.status == .live {
            members[room.name, default: []].insert(machine.identity.name)
            let cursor = machine.positions[room.name]?.after ?? 0
            let span = rooms[room.name] ?? Span(low: cursor, high: cursor)
            rooms[room.name] = Span(low: min(span.low, cursor), high: max(span.high, cursor))
        }
    }

    static func += (sum: inout Progress, other: Progress) {
        sum.clients += other.clients
        sum.ready += other.ready
        sum.pending += other.pending
        sum.welcomed += other.welcomed
        sum.gone += other.gone
        sum.rooms.merge(other.rooms) { Span(low: min($0.low, $1.low), high: max($0.high, $1.high)) }
        sum.members.merge(other.members) { $0.union($1) }
        sum.names.formUnion(other.names)
        sum.failure = other.failure ?? sum.failure
    }

    /// Whether all clients that should be connected are, and have the same messages.
    var isSettled: Bool {
        pending == 0 && ready == clients - gone && rooms.values.allSatisfy { $0.low == $0.high }
    }
}
