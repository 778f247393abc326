import Wire

/// Collects a room's latest messages after it was entered.
struct Tail: Equatable, Sendable {
    enum Step: Equatable {
        case wait
        /// Request this many messages before the known ones.
        case older(Int)
        /// The latest messages, oldest first: as many as requested, or all.
        case done([V2Message])
    }

    private let count: Int
    /// Oldest first; at most ``count`` and one page.
    private var messages: [V2Message] = []

    /// - Parameter count: at least 1.
    init(_ count: Int) { self.count = count }

    mutating func hear(_ event: V2Event) -> Step {
        switch event {
        case .chatMessage(let message):
            // A live message that comes before the room's history is in that history as well.
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
        // After a reconnect: the messages that came meanwhile.
        messages = older + messages + history.messages.filter { $0.sequence > last }
        let missing = count - messages.count
        if missing > 0, history.more, !older.isEmpty { return .older(min(missing, 100)) }
        return .done(messages.suffix(count))
    }
}
