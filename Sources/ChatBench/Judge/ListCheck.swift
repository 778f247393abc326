/// Compares the last lists that each reader got with the users who were there.
struct ListCheck {
    let history: History
    let stays: Stays

    func check(breaches: inout Breaches) {
        for client in history.clients where client.role == .reader {
            var users: [String?: (names: [String], at: Moment)] = [:]
            var rooms: (counts: [String: Int], at: Moment)?
            for entry in client.entries {
                switch entry.event {
                case .users(let room, let names): users[room] = (names, entry.at)
                case .rooms(let counts): rooms = (counts, entry.at)
                default: break
                }
            }
            for (room, list) in users.sorted(by: { $0.key ?? "" < $1.key ?? "" }) {
                check(list.names, of: room, at: list.at, reader: client.name, &breaches)
            }
            if let rooms { check(rooms.counts, at: rooms.at, reader: client.name, &breaches) }
        }
    }

    /// Users with a client that is connected at `moment`, and users with one whose presence is uncertain: cut off, and
    /// not back yet.
    private func connected(at moment: Moment) -> (present: Set<String>, open: Set<String>) {
        var present: Set<String> = []
        var open: Set<String> = []
        for client in history.clients {
            let last = client.entries.last { entry in
                guard entry.at <= moment else { return false }
                switch entry.event {
                case .connected: return true
                // Failed attempts say nothing about the session.
                case .disconnected(let end): return end.cause != .unreachable
                default: return false
                }
            }
            switch last?.event {
            case .connected: present.insert(client.user)
            case .disconnected(let end) where end.cause != .quit: open.insert(client.user)
            default: break
            }
        }
        return (present, open)
    }

    private func check(
        _ names: [String], of room: String?, at moment: Moment, reader: String, _ breaches: inout Breaches
    ) {
        let (present, open) = connected(at: moment)
        var expected = present
        var tolerated = open
        if let room {
            expected = users(in: room, at: moment)
            // The rooms of classic clients are not tracked.
            tolerated.formUnion(history.clients.filter { $0.role == .classic }.map(\.name))
        }
        let listed = Set(names.filter(history.owns))
        let gone = listed.subtracting(expected).subtracting(tolerated)
        let missing = expected.subtracting(listed)
        for (title, wrong) in [("listed, but not there", gone), ("there, but not listed", missing)] where !wrong.isEmpty
        {
            let some = wrong.sorted().prefix(5).joined(separator: ", ")
            breaches.add(
                Breach(
                    kind: .wrongList, client: reader, room: room, at: moment,
                    words: "\(title): \(some)" + (wrong.count > 5 ? " and \(wrong.count - 5) more" : "")))
        }
        if names.count != Set(names).count || names != names.sorted(by: Self.comesBefore) {
            breaches.add(
                Breach(kind: .wrongList, client: reader, room: room, at: moment, words: "not sorted, or with repeats"))
        }
    }

    private func users(in room: String, at moment: Moment) -> Set<String> {
        Set(stays.members(of: room, at: moment).map { history.clients[$0].user })
    }

    /// The protocol does not define the order; bytes and scalars give the same one.
    private static func comesBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private func check(
        _ counts: [String: Int], at moment: Moment, reader: String, _ breaches: inout Breaches
    ) {
        let open = connected(at: moment).open.count
        let classic = history.clients.filter { $0.role == .classic }.count
        for room in Set(stays.all.map(\.room)).filter(history.owns).sorted() {
            let expected = users(in: room, at: moment).count
            let listed = counts[room] ?? 0
            if (expected...(expected + open + classic)).contains(listed) { continue }
            breaches.add(
                Breach(
                    kind: .wrongList, client: reader, room: room, at: moment,
                    words: "\(listed) members in the list of rooms, \(expected) in truth"))
        }
    }
}
