import Wire

/// Compares what classic clients got with the order of the rooms' logs. The classic dialect has no numbers: messages
/// are recognised by their contents, which are unique in a run, and only messages of one connection are compared.
struct ClassicCheck {
    let history: History
    private var places = ByText<(room: String, epoch: String, sequence: UInt64, sender: String)>()

    init(_ history: History, logs: RoomLogs) {
        self.history = history
        guard history.clients.contains(where: { $0.role == .classic }) else { return }
        for log in logs.all {
            for sighting in log.order {
                let message = sighting.message
                places[message.content] = (log.key.room, log.key.epoch, sighting.sequence, message.sender)
            }
        }
    }

    func check(breaches: inout Breaches) {
        for client in history.clients where client.role == .classic {
            var cursors: [String: UInt64] = [:]
            for entry in client.entries {
                switch entry.event {
                case .connected: cursors = [:]
                case .overheard(let room, let sender, let content):
                    check(client.name, entry.at, room, sender, content, &cursors, &breaches)
                default: break
                }
            }
        }
    }

    private func check(
        _ client: String, _ at: Moment, _ room: String, _ sender: String, _ content: String,
        _ cursors: inout [String: UInt64], _ breaches: inout Breaches
    ) {
        var breach = Breach(kind: .unknown, client: client, room: room, at: at, words: "classic: \(content.prefix(40))")
        guard let place = places[content] else { return breaches.add(breach) }
        breach.sequence = place.sequence
        if !place.sender.hasSameBytes(as: sender) {
            breach.kind = .altered
            breaches.add(breach)
        }
        if place.room != room {
            breach.kind = .wrongRoom
            return breaches.add(breach)
        }
        let key = room + "\n" + place.epoch
        let cursor = cursors[key] ?? 0
        if place.sequence <= cursor {
            breach.kind = place.sequence == cursor ? .repeated : .outOfOrder
            return breaches.add(breach)
        }
        cursors[key] = place.sequence
    }
}
