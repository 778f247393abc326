/// The protocol's rules for names, as far as it helps to hear about them before asking the server, which has the last word.
enum NameRule: Equatable, Sendable {
    case username
    case room

    /// A sentence that says what is wrong, or `nil`.
    func problem(with name: String) -> String? {
        let (what, most) =
            switch self {
            case .username: ("A username", 32)
            case .room: ("A room name", 64)
            }
        if name.isEmpty { return "\(what) cannot be empty." }
        if name.unicodeScalars.contains(where: { $0.properties.isWhitespace }) { return "\(what) has no spaces." }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "\(what) has no control characters."
        }
        // Composing, which the server does first, can only make a name shorter.
        if name.count > most { return "\(what) has at most \(most) characters." }
        return nil
    }
}
