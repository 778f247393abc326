/// The form of a script's output.
enum ScriptFormat: Equatable, Sendable {
    /// Lines for people.
    case plain
    /// The server's events, one JSON object per line.
    case json
}
