/// The latencies of all occurrences of something.
struct Latencies: Equatable, Sendable {
    var count = 0
    var p50 = Duration.zero
    var p90 = Duration.zero
    var p99 = Duration.zero
    var max = Duration.zero

    init() {}

    /// - Parameter nanoseconds: in any order.
    init(_ nanoseconds: [Int64]) {
        guard let greatest = nanoseconds.max() else { return }
        let sorted = nanoseconds.sorted()
        // Nearest rank: the smallest value that at least the given share of all values does not exceed.
        func percentile(_ share: Double) -> Duration {
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return .nanoseconds(sorted[Swift.min(Swift.max(rank, 1), sorted.count) - 1])
        }
        count = sorted.count
        p50 = percentile(0.5)
        p90 = percentile(0.9)
        p99 = percentile(0.99)
        max = .nanoseconds(greatest)
    }
}

extension Latencies {
    /// From the first try of a message to its acknowledgement, and to each live delivery. Messages that came while the
    /// client read nothing are left out, because their latency depends on the client only.
    static func measure(_ history: History, sent: SentMessages) -> (ack: Latencies, delivery: Latencies) {
        var acks: [Int64] = []
        var deliveries: [Int64] = []
        for client in history.clients {
            var blindUntil = Moment.start
            for entry in client.entries {
                switch entry.event {
                case .slow(let duration): blindUntil = entry.at + duration
                case .acked(let ack):
                    if let sending = sent.byID[ack.id], sending.first >= blindUntil {
                        acks.append((entry.at - sending.first).nanoseconds)
                    }
                case .shown(let sighting):
                    if let sending = sent.byID[sighting.message.id], sending.first >= blindUntil {
                        deliveries.append((entry.at - sending.first).nanoseconds)
                    }
                default: break
                }
            }
        }
        return (Latencies(acks), Latencies(deliveries))
    }
}
