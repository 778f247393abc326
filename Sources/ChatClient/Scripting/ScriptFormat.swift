/// How a script is told what happens.
enum ScriptFormat: Equatable, Sendable {
    /// Lines for people.
    case plain
    /// What the server sends, one JSON object per line.
    case json
}
