import NIOCore
import Transport

/// What is heard on a connection before the server's first word says that we may chat on it.
protocol Greeting: Sendable {
    /// How long that word may take.
    var patience: Duration { get }

    /// The server sent a text.
    /// - Returns: `nil` where the dialect does not have it.
    func received(_ text: ByteBuffer, _ arrival: Arrival, _ session: inout ClientSession, at now: Duration) -> Greeted?

    /// ``patience`` has run out.
    func overdue(_ arrival: Arrival, _ session: inout ClientSession) -> Greeted
}

/// What a ``Greeting`` makes of a word.
enum Greeted: Sendable {
    case wait([ClientEffect])
    /// We may chat. The word that said so is the exchange's to hear, too.
    case welcome(any Exchange, [ClientEffect])
    /// It comes to nothing; why, in words.
    case fail(String)
}

/// Where and how we came.
struct Arrival: Sendable {
    let attempt: Attempt
    let address: ServerAddress
    /// There was a connection before.
    let isReturn: Bool
    /// Draws from 0..<1.
    let random: @Sendable () -> Double
}
