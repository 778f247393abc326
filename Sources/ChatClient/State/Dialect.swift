/// The dialects of the server that this client speaks.
enum Dialect: Equatable, Sendable {
    case classic
    case v2

    /// Offered to the server, most preferred first. A server that knows none of them speaks the classic dialect.
    static let subprotocols = ["chat.v2"]

    /// - Parameter subprotocol: the one that the server selected.
    init(subprotocol: String?) {
        self = subprotocol == "chat.v2" ? .v2 : .classic
    }

    /// The beginning of a connection in this dialect.
    var greeting: any Greeting {
        switch self {
        case .classic: ClassicGreeting()
        case .v2: V2Greeting()
        }
    }
}
