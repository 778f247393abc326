/// An action of the user at the screen.
enum ConsoleAction: Equatable, Sendable {
    /// A line to be handled as in a client without windows.
    case line(String)
    case ask(Ask)
    case endOfInput
    case interrupt
    case suspend
}
