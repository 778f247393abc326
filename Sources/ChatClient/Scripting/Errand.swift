/// The task of a client without a screen.
enum Errand: Equatable, Sendable {
    /// Sends each line of the input, shows messages, and ends when the input ends.
    case relay
    /// Sends one message and ends when it is stored.
    case say(String)
    /// Shows the room's latest messages and ends.
    case show(Int)
    /// Shows messages until it is stopped, beginning with this many earlier ones.
    case listen(showing: Int)
}

extension Errand {
    /// Whether live messages of the room are shown.
    var showsMessages: Bool {
        switch self {
        case .relay, .listen: true
        case .say, .show: false
        }
    }

    /// Whether only a signal or a closed output ends it.
    var isEndless: Bool {
        if case .listen = self { true } else { false }
    }

    /// How many earlier messages are requested when the room is entered.
    var history: Int {
        switch self {
        case .relay: 50
        case .say: 0
        case .show(let count), .listen(showing: let count): min(count, ScriptOptions.mostOnEntering)
        }
    }
}
