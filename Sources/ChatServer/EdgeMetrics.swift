import CoreMetrics

/// What the edge counts. Made once, and held by every connection: a reference, not five.
final class EdgeMetrics: Sendable {
    let deliveries: Counter
    let fanoutWaits: Counter
    let catchUps: Counter
    let connectionsRefused: Counter
    let connectionsClosedSlow: Counter

    init(_ factory: any MetricsFactory) {
        func counter(_ label: String) -> Counter { Counter(label: label, dimensions: [], factory: factory) }
        deliveries = counter("chat_deliveries_total")
        fanoutWaits = counter("chat_fanout_waits_total")
        catchUps = counter("chat_catch_ups_total")
        connectionsRefused = counter("chat_connections_refused_total")
        connectionsClosedSlow = counter("chat_connections_closed_slow_total")
    }
}
