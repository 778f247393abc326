/// A server that had requests and, for a while, sent nothing to any of its clients, although they were connected: it
/// was frozen. Others may take its clients for gone meanwhile, without their connections being lost.
struct Silence: Equatable, Sendable {
    /// A shorter one is a delay.
    static let shortest = Duration.seconds(5)

    var address: String
    /// The last sign of life before the silence, and the first one after it, or the end of the run.
    var from: Moment
    var to: Moment

    static func find(in history: History) -> [Silence] {
        var signs: [String: [(at: Moment, isRequest: Bool)]] = [:]
        for client in history.clients {
            var address: String?
            for entry in client.entries {
                switch entry.event {
                case .connected(let server, _): address = server
                case .disconnected: address = nil
                default: break
                }
                guard let address, let isRequest = entry.event.isRequest else { continue }
                signs[address, default: []].append((entry.at, isRequest))
            }
        }
        let end = history.clients.compactMap(\.entries.last?.at).max() ?? .start
        return signs.flatMap { address, signs in silences(of: address, signs, end) }.sorted { $0.from < $1.from }
    }

    private static func silences(
        of address: String, _ signs: [(at: Moment, isRequest: Bool)], _ end: Moment
    ) -> [Silence] {
        var found: [Silence] = []
        var last = Moment.start
        // The first request that nothing has followed yet.
        var asked: Moment?
        func answer(_ at: Moment) {
            if let asked, at - asked >= shortest { found.append(Silence(address: address, from: last, to: at)) }
            last = at
            asked = nil
        }
        for sign in signs.sorted(by: { $0.at < $1.at }) {
            if !sign.isRequest {
                answer(sign.at)
            } else if asked == nil {
                asked = sign.at
            }
        }
        answer(end)
        return found
    }
}

extension Event {
    /// True for what the client says and the server answers, false for what comes from the server, nil for the rest.
    fileprivate var isRequest: Bool? {
        switch self {
        case .sent, .entering, .leaving: true
        case .connecting, .disconnected, .ready, .slow: nil
        case .connected, .acked, .refused, .entered, .left, .shown, .recovered, .paged, .gap, .inbox, .whispered,
            .notice, .merged, .users, .rooms, .overheard, .unexpected:
            false
        }
    }
}
