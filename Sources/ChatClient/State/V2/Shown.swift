/// What a message of a log turned out to be.
enum Shown: Equatable, Sendable {
    /// It was shown before.
    case nothing
    case new(ClientEffect)
    /// One's own, which had not been acknowledged.
    case settled(ClientEffect)
    /// One's own, from another connection.
    case elsewhere(ClientEffect)

    var effects: [ClientEffect] {
        switch self {
        case .nothing: []
        case .new(let effect), .settled(let effect), .elsewhere(let effect): [effect]
        }
    }
}
