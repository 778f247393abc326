import Wire

/// Gathers the latest messages of a room from what the server sends after one has entered it.
struct Tail: Equatable, Sendable {
    enum Step: Equatable {
        case wait
        /// So many messages before those that are known are to be asked for.
        case older(Int)
        /// The latest ones, oldest first: as many as were asked for, or all there are.
        case done([V2Message])
    }

    private let count: Int
    /// Oldest first. ``count`` and one page at most.
    private var messages: [V2Message] = []

    /// - Parameter count: at least 1.
    init(_ count: Int) { self.count = count }

    mutating func hear(_ event: V2Event) -> Step {
        switch event {
        case .chatMessage(let message):
            // What is said before the room's past has come stands in it as well.
            if let last = messages.last, last.sequence < message.sequence { messages.append(message) }
            return .wait
        case .history(let history): return hear(history)
        default: return .wait
        }
    }

    private mutating func hear(_ history: V2History) -> Step {
        let first = messages.first?.sequence ?? .max
        let last = messages.last?.sequence ?? .max
        let older = history.messages.filter { $0.sequence < first }
        // After a reconnect, what was said meanwhile.
        messages = older + messages + history.messages.filter { $0.sequence > last }
        let missing = count - messages.count
        if missing > 0, history.more, !older.isEmpty { return .older(min(missing, 100)) }
        return .done(messages.suffix(count))
    }
}
