import NIOCore
import Transport

/// The conversation on one connection, in its dialect, after the server's greeting. It is dropped with the connection.
/// What must outlive the connection is in the ``ClientSession`` that is passed in.
///
/// Takes events and returns a ``Reaction``. Nothing is sent except by the returned effects. Nothing is called after
/// ``ended(_:)``.
protocol Exchange: Sendable {
    /// When ``tick(_:at:)`` is next needed without another event; `nil`: never.
    func deadline(_ session: ClientSession) -> Duration?

    /// When the oldest unanswered request was sent; `nil` if there is none, or if the dialect has no answers.
    func unansweredSince(_ session: ClientSession) -> Duration?

    /// Whether answers are still expected although every line is settled. Asked when the client could end.
    mutating func awaitsAnswers(at now: Duration) -> Bool

    /// Takes a text message from the server.
    /// - Returns: `nil` if it does not belong to the dialect.
    mutating func received(_ text: ByteBuffer, _ session: inout ClientSession, at now: Duration) -> Reaction?

    /// The operating system took the frame with this number.
    mutating func passedOn(_ number: Int, _ session: inout ClientSession, at now: Duration) -> Reaction

    /// Sends as many waiting lines as the window, the server's answers and its rate limit allow.
    mutating func pump(_ session: inout ClientSession, at now: Duration) -> [ClientEffect]

    /// Handles a request of a view with windows that is not a line.
    mutating func serve(_ ask: Ask, _ session: inout ClientSession, at now: Duration) -> [ClientEffect]

    /// Handles the answer to a ``ClientEffect/readToken(_:)`` of this exchange.
    mutating func looked(_ news: TokenNews, _ session: inout ClientSession, at now: Duration) -> Reaction

    /// A deadline has passed.
    mutating func tick(_ session: inout ClientSession, at now: Duration) -> Reaction

    /// The connection was closed with 1009, because a frame was larger than the server accepts. That frame must not be
    /// sent again. Called before ``ended(_:)``.
    mutating func frameWasTooLarge(_ session: inout ClientSession) -> [ClientEffect]

    /// The connection is over: unsettled lines go back into the outbox.
    /// - Returns: when the server asked the client to come back; `nil` if it did not.
    func ended(_ session: inout ClientSession) -> Duration?
}

/// The result of an event.
enum Reaction: Sendable {
    case wait([ClientEffect])
    /// A line was settled, or another one may be sent: the client sends more, or ends if that was the last one.
    case proceed([ClientEffect])
    /// The client ends with this code.
    case end([ClientEffect], ExitCode)
    /// The connection is dropped, and treated as if it had ended in this way.
    case drop(ConnectionEnd)

    static var nothing: Reaction { .wait([]) }

    /// The same reaction, after other effects.
    func after(_ effects: [ClientEffect]) -> Reaction {
        switch self {
        case .wait(let own): .wait(effects + own)
        case .proceed(let own): .proceed(effects + own)
        case .end(let own, let code): .end(effects + own, code)
        case .drop: self
        }
    }
}
