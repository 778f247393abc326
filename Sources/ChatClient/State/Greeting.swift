import NIOCore
import Transport

/// The beginning of a connection, until the server accepts or refuses the user.
protocol Greeting: Sendable {
    /// How long the server's first frame may take.
    var patience: Duration { get }

    /// Takes a text message from the server.
    /// - Returns: `nil` if it does not belong to the dialect.
    func received(_ text: ByteBuffer, _ arrival: Arrival, _ session: inout ClientSession, at now: Duration) -> Greeted?

    /// Called when ``patience`` is over.
    func overdue(_ arrival: Arrival, _ session: inout ClientSession) -> Greeted
}

/// The result of a frame during the greeting.
enum Greeted: Sendable {
    case wait([ClientEffect])
    /// The user is accepted. The exchange then also gets the frame that said so.
    case welcome(any Exchange, [ClientEffect])
    /// The connection cannot be used, and the reason.
    case fail(String)
}

/// The circumstances of a connection's beginning.
struct Arrival: Sendable {
    let attempt: Attempt
    let address: ServerAddress
    /// Whether there was a connection before.
    let isReturn: Bool
    /// Returns random numbers in 0..<1.
    let random: @Sendable () -> Double
}
