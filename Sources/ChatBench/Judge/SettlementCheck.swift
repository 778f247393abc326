/// Checks that nothing was pending and everybody was back when everything had been settled for a long time.
struct SettlementCheck {
    let history: History

    func check(breaches: inout Breaches) {
        for client in history.clients where client.role == .member {
            checkPending(client, &breaches)
            checkConnection(client, &breaches)
        }
    }

    private func checkPending(_ client: ClientLog, _ breaches: inout Breaches) {
        var pending = ByText<(message: Message, at: Moment)>()
        for entry in client.entries {
            switch entry.event {
            case .sent(let message): pending[message.id] = (message, pending[message.id]?.at ?? entry.at)
            case .acked(let ack): pending[ack.id] = nil
            case .refused(let id, _, true): pending[id] = nil
            case .shown(let sighting), .whispered(let sighting): pending[sighting.message.id] = nil
            case .recovered(let page), .inbox(let page, _, _):
                for sighting in page.messages { pending[sighting.message.id] = nil }
            default: break
            }
        }
        for (id, sending) in pending.all.sorted(by: { $0.value.at < $1.value.at }) {
            breaches.add(
                Breach(
                    kind: .unsettled, client: client.name, room: sending.message.room, id: id, at: sending.at,
                    words: "neither acknowledged nor refused"))
        }
    }

    private func checkConnection(_ client: ClientLog, _ breaches: inout Breaches) {
        var last: (at: Moment, words: String)?
        var hasQuit = false
        for entry in client.entries {
            switch entry.event {
            case .connected: last = (entry.at, "connected, but its rooms were not resumed")
            case .disconnected(let end):
                if end.cause != .unreachable { hasQuit = end.cause == .quit }
                last = (entry.at, "\(end.cause.rawValue): \(end.words)")
            case .ready:
                last = nil
                hasQuit = false
            default: break
            }
        }
        guard let last, !hasQuit else { return }
        breaches.add(Breach(kind: .unsettled, client: client.name, at: last.at, words: "not back: \(last.words)"))
    }
}
