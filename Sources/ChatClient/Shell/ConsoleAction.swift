/// What the user did at the screen.
enum ConsoleAction: Equatable, Sendable {
    /// To be understood as in a client without windows.
    case line(String)
    case ask(Ask)
    case endOfInput
    case interrupt
    case suspend
}
