/// How the process's descriptors are shared out: out of them, a server can accept nobody, not even to refuse them, and
/// can open neither its log nor a connection to NATS or Redis.
struct DescriptorBudget: Equatable {
    /// For the server itself: log files, the embedded log's segments, NATS, Redis and their reconnects, name look-ups.
    static let own = 64
    /// For each event loop: what it waits with.
    static let ownPerEventLoop = 4
    /// Sockets that are no WebSockets: handshakes, health checks, metrics, refusals.
    static let http = 192

    /// WebSockets at most.
    let connections: Int
    /// Sockets at most, counted from accept on, whatever they speak.
    let sockets: Int

    /// - Parameters:
    ///   - limit: of the process; nil: none.
    ///   - wanted: `max_connections`.
    init(limit: Int?, wanted: Int, eventLoops: Int) {
        let own = Self.own + Self.ownPerEventLoop * eventLoops
        // With very few descriptors half of them are the server's own.
        let available = limit.map { max($0 - own, $0 / 2, 2) } ?? .max
        connections = min(wanted, max(1, available - Self.http))
        sockets = min(available, connections + Self.http)
    }
}
