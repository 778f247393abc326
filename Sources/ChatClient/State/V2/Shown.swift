/// How a message of a log was shown.
enum Shown: Equatable, Sendable {
    /// It was shown before.
    case nothing
    case new(ClientEffect)
    /// The user's own pending message, which this settles.
    case settled(ClientEffect)
    /// The user's own message, sent by another connection.
    case elsewhere(ClientEffect)

    var effects: [ClientEffect] {
        switch self {
        case .nothing: []
        case .new(let effect), .settled(let effect), .elsewhere(let effect): [effect]
        }
    }
}
