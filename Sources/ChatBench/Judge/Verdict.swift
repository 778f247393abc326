/// The judge's result for a run.
struct Verdict: Equatable, Sendable {
    var run: String
    var clients: Int
    var duration: Duration
    var counts: Counts
    /// From the first try of a message to its acknowledgement.
    var ackLatency: Latencies
    /// From the first try of a message to each live delivery.
    var deliveryLatency: Latencies
    var outages: [Outage]
    var breaches: Breaches

    var isSound: Bool { breaches.isEmpty }
}
