/// At least half of the clients of one address lost their connection within a second.
struct Outage: Equatable, Sendable {
    var address: String
    /// The time of the first loss.
    var at: Moment
    var clients: Int
    /// The time from `at` until half of them, and until all of them that came back, were connected and had resumed
    /// every room.
    var halfResumed: Duration
    var allResumed: Duration
    /// The number of those that did not come back.
    var lost: Int

    private static let window = Duration.seconds(1)
    /// Fewer clients than this are not a crowd.
    private static let fewest = 5

    private struct Loss {
        var at: Moment
        var resumed: Moment?
    }

    static func find(in history: History) -> [Outage] {
        var losses: [String: [Loss]] = [:]
        var arrivals: [String: [Moment]] = [:]
        var departures: [String: [Moment]] = [:]
        for client in history.clients where client.role == .member {
            var open: (address: String, index: Int)?
            var isConnected = false
            for entry in client.entries {
                switch entry.event {
                case .connected(let address, _):
                    arrivals[address, default: []].append(entry.at)
                    isConnected = true
                case .disconnected(let end) where isConnected:
                    isConnected = false
                    departures[end.address, default: []].append(entry.at)
                    guard end.cause == .lost || end.cause == .dropped, open == nil else { continue }
                    losses[end.address, default: []].append(Loss(at: entry.at))
                    open = (end.address, (losses[end.address]?.count ?? 1) - 1)
                case .ready:
                    if let open { losses[open.address]?[open.index].resumed = entry.at }
                    open = nil
                default: break
                }
            }
        }
        return losses.flatMap { address, losses in
            outages(at: address, losses, arrivals: arrivals[address] ?? [], departures: departures[address] ?? [])
        }.sorted { $0.at < $1.at }
    }

    private static func outages(
        at address: String, _ losses: [Loss], arrivals: [Moment], departures: [Moment]
    ) -> [Outage] {
        let sorted = losses.sorted { $0.at < $1.at }
        var outages: [Outage] = []
        var start = 0
        while start < sorted.count {
            let first = sorted[start].at
            let crowd = sorted[start...].prefix { $0.at <= first + window }
            let connected = arrivals.count { $0 < first } - departures.count { $0 < first }
            guard crowd.count >= fewest, crowd.count * 2 >= connected else {
                start += 1
                continue
            }
            let times = Latencies(crowd.compactMap { loss in loss.resumed.map { ($0 - first).nanoseconds } })
            outages.append(
                Outage(
                    address: address, at: first, clients: crowd.count, halfResumed: times.p50, allResumed: times.max,
                    lost: crowd.count - times.count))
            start += crowd.count
        }
        return outages
    }
}
