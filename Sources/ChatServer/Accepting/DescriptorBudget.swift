/// How the process's file descriptors are divided. A server that has used them all cannot accept a client, not even to
/// refuse it, and can open neither its log nor a connection to NATS or Redis.
struct DescriptorBudget: Equatable {
    /// For the server itself: log files, the embedded log's segments, NATS, Redis and their reconnects, name look-ups.
    static let own = 64
    /// For each event loop: its epoll and wake-up descriptors.
    static let ownPerEventLoop = 4
    /// For sockets that are not WebSockets: handshakes, health checks, metrics, refusals.
    static let http = 192

    /// The greatest number of WebSockets.
    let connections: Int
    /// The greatest number of accepted sockets, whatever they speak.
    let sockets: Int

    /// - Parameters:
    ///   - limit: the process's limit; nil: none. - wanted: `max_connections`.
    init(limit: Int?, wanted: Int, eventLoops: Int) {
        let own = Self.own + Self.ownPerEventLoop * eventLoops
        // If there are very few descriptors, half of them are reserved for the server itself.
        let available = limit.map { max($0 - own, $0 / 2, 2) } ?? .max
        connections = min(wanted, max(1, available - Self.http))
        sockets = min(available, connections + Self.http)
    }
}
