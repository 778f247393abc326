import NIOCore
import Transport

/// What is said on one connection, in its dialect, once the server has greeted us. It is dropped with the connection; what
/// has to outlive it is in the ``ClientSession`` that is passed in.
///
/// Events in, a ``Reaction`` out. Nothing is sent but by the effects returned, and nobody calls in after ``ended(_:)``.
protocol Exchange: Sendable {
    /// When ``tick(_:at:)`` has something to do if nothing else happens; `nil` for never.
    func deadline(_ session: ClientSession) -> Duration?

    /// Since when the oldest request that was not answered has been under way, where the dialect has answers.
    func unansweredSince(_ session: ClientSession) -> Duration?

    /// Whether answers are still to come though every line is settled. Asked when the client could end.
    mutating func awaitsAnswers(at now: Duration) -> Bool

    /// The server sent a text.
    /// - Returns: `nil` where the dialect does not have it.
    mutating func received(_ text: ByteBuffer, _ session: inout ClientSession, at now: Duration) -> Reaction?

    /// The operating system has the frame that was sent under this number.
    mutating func passedOn(_ number: Int, _ session: inout ClientSession, at now: Duration) -> Reaction

    /// Gives the transport what its window, the server's answers and its limit have room for.
    mutating func pump(_ session: inout ClientSession, at now: Duration) -> [ClientEffect]

    /// Something that a view with windows wants to know or tell, beside the lines that wait.
    mutating func serve(_ ask: Ask, _ session: inout ClientSession, at now: Duration) -> [ClientEffect]

    /// A deadline has passed.
    mutating func tick(_ session: inout ClientSession, at now: Duration) -> Reaction

    /// The connection was closed with 1009: one of the frames was larger than the server takes. It would never get through,
    /// and nothing behind it. Called before ``ended(_:)``.
    mutating func frameWasTooLarge(_ session: inout ClientSession) -> [ClientEffect]

    /// The connection is over: what was not settled goes back into the outbox.
    /// - Returns: when the server wants us to come back; `nil` where it has not said so.
    func ended(_ session: inout ClientSession) -> Duration?
}

/// What an ``Exchange`` makes of an event.
enum Reaction: Sendable {
    case wait([ClientEffect])
    /// A line was settled, or another may go out: more is sent, or the client ends if that was the last.
    case proceed([ClientEffect])
    /// The client is to end with this code.
    case end([ClientEffect], ExitCode)
    /// The connection is to be dropped, as if it had ended so.
    case drop(ConnectionEnd)

    static var nothing: Reaction { .wait([]) }

    /// The same after other effects.
    func after(_ effects: [ClientEffect]) -> Reaction {
        switch self {
        case .wait(let own): .wait(effects + own)
        case .proceed(let own): .proceed(effects + own)
        case .end(let own, let code): .end(effects + own, code)
        case .drop: self
        }
    }
}
