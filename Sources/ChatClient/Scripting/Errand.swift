/// What the client does without a screen.
enum Errand: Equatable, Sendable {
    /// Says what comes in, a line at a time, shows what is said, and ends when the input does.
    case relay
    /// Says one thing and ends when it is stored.
    case say(String)
    /// Shows the latest messages of the room and ends.
    case show(Int)
    /// Shows what is said until it is stopped, and so many messages from before.
    case listen(showing: Int)
}

extension Errand {
    /// Whether what is said in the room is shown as it comes.
    var showsMessages: Bool {
        switch self {
        case .relay, .listen: true
        case .say, .show: false
        }
    }

    /// Nothing but a signal or a closed output ends it.
    var isEndless: Bool {
        if case .listen = self { true } else { false }
    }

    /// Of the messages from before, how many are asked for on entering the room.
    var history: Int {
        switch self {
        case .relay: 50
        case .say: 0
        case .show(let count), .listen(showing: let count): min(count, ScriptOptions.mostOnEntering)
        }
    }
}
