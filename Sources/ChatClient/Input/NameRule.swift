/// The protocol's rules for names, as far as an early message helps the user. The server decides.
enum NameRule: Equatable, Sendable {
    case username
    case room

    /// A sentence about what is wrong with the name; `nil` if nothing is.
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
        // The server composes the name first, which can only make it shorter.
        if name.count > most { return "\(what) has at most \(most) characters." }
        return nil
    }
}
