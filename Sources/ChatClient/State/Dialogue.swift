/// The conversation on the current connection, which includes the closing handshake; none without a connection.
enum Dialogue: Sendable {
    case none
    case greeting(any Greeting)
    case exchange(any Exchange)

    /// The conversation after the server's greeting.
    var exchange: (any Exchange)? { if case .exchange(let exchange) = self { exchange } else { nil } }

    /// Calls `body` with the exchange, if there is one.
    mutating func goOn<Result>(
        with session: inout ClientSession, _ body: (inout any Exchange, inout ClientSession) -> Result
    ) -> Result? {
        guard case .exchange(var exchange) = self else { return nil }
        self = .none  // takes the value out, so that it is changed in place and not copied
        defer { self = .exchange(exchange) }
        return body(&exchange, &session)
    }
}
