/// What is said on the connection there is; without one nothing. The goodbye is still part of it.
enum Dialogue: Sendable {
    case none
    case greeting(any Greeting)
    case exchange(any Exchange)

    /// What is said once the server has greeted us.
    var exchange: (any Exchange)? { if case .exchange(let exchange) = self { exchange } else { nil } }

    /// Goes on with the exchange, if there is one.
    mutating func goOn<Result>(
        with session: inout ClientSession, _ body: (inout any Exchange, inout ClientSession) -> Result
    ) -> Result? {
        guard case .exchange(var exchange) = self else { return nil }
        self = .none  // it is changed in place, and not in a copy
        defer { self = .exchange(exchange) }
        return body(&exchange, &session)
    }
}
