import CoreMetrics

/// What the edge counts and times. Made once, and held by every connection: a reference, not ten.
final class EdgeMetrics: Sendable {
    let deliveries: Counter
    let fanoutWaits: Counter
    let catchUps: Counter
    let connectionsRefused: Counter
    let connectionsClosedSlow: Counter
    let acceptFailures: Counter
    let socketsEvicted: Counter
    let handshakesTimedOut: Counter
    private let handshakesFailed: [HandshakeFailure: Counter]
    private let refusals: [RefusalCause: Counter]
    /// From a message's being handed to the log to its acknowledgement.
    let appendSeconds: Timer
    /// From a message's coming in from the log to its being written to the readers on one event loop.
    let deliverySeconds: Timer

    init(_ factory: any MetricsFactory) {
        func counter(_ label: String) -> Counter { Counter(label: label, dimensions: [], factory: factory) }
        deliveries = counter("chat_deliveries_total")
        fanoutWaits = counter("chat_fanout_waits_total")
        catchUps = counter("chat_catch_ups_total")
        connectionsRefused = counter("chat_connections_refused_total")
        connectionsClosedSlow = counter("chat_connections_closed_slow_total")
        acceptFailures = counter("chat_accept_failures_total")
        socketsEvicted = counter("chat_sockets_evicted_total")
        handshakesTimedOut = counter("chat_handshakes_timed_out_total")
        handshakesFailed = Dictionary(
            uniqueKeysWithValues: HandshakeFailure.allCases.map { failure in
                let dimensions = [("reason", failure.rawValue)]
                return (
                    failure,
                    Counter(label: "chat_tls_handshakes_failed_total", dimensions: dimensions, factory: factory)
                )
            })
        refusals = Dictionary(
            uniqueKeysWithValues: RefusalCause.allCases.map { cause in
                let reason = [("reason", cause.rawValue)]
                return (cause, Counter(label: "chat_refusals_total", dimensions: reason, factory: factory))
            })
        appendSeconds = Timer(label: "chat_append_seconds", dimensions: [], factory: factory)
        deliverySeconds = Timer(label: "chat_delivery_seconds", dimensions: [], factory: factory)
    }

    /// Counts a TLS handshake that did not come to its end.
    func handshakeFailed(_ failure: HandshakeFailure) { handshakesFailed[failure]?.increment() }

    /// Counts a refusal or fault by its kind.
    func refused(_ cause: RefusalCause?) {
        if let cause { refusals[cause]?.increment() }
    }
}
