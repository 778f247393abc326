/// The kinds of refusals and faults that are counted apart, by their label in `chat_refusals_total`.
enum RefusalCause: String, CaseIterable, Sendable {
    /// A page whose origin is not allowed.
    case origin
    /// As many WebSockets of the client's address as there may be.
    case addressConnections = "address_connections"
    /// As many sockets of the client's address that are no WebSockets as there may be.
    case addressSockets = "address_sockets"
    /// Too many requests for a WebSocket of one address.
    case addressRate = "address_rate"
    /// Too many requests for a WebSocket at this instance.
    case instanceRate = "instance_rate"
    /// The head of a request is too large.
    case head
    /// What came is no HTTP.
    case malformed
    /// A trusted proxy has sent no PROXY header, or one that is malformed.
    case proxyHeader = "proxy_header"
    /// A WebSocket was closed since its client broke a rule of the protocol.
    case webSocket = "websocket"
}
