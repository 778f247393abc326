/// One entry of a topic's log, as it comes in live or is read back.
public struct Entry: Equatable, Sendable {
    /// What a log may hold. Whatever it is, it takes a place in its topic: it has a number, and counts in retention.
    public enum Body: Equatable, Sendable {
        case message(Message)
        /// The words of an original server that shares our NATS (its joins and leaves). Shown live, never as history.
        case foreignNotice(String)
        /// An entry of a kind that a later version has written. It is kept as it is, and shown to nobody.
        case unknown
        /// What no version can read: it is damaged, or was never one of ours. Shown to nobody.
        case unreadable
    }

    public let topic: Topic
    public let sequence: SequenceNumber
    /// The topic's entry before this one, where the log says so; nil where it cannot (a topic's first entry, or the one
    /// before it is gone).
    public let previous: SequenceNumber?
    public let body: Body

    public init(topic: Topic, sequence: SequenceNumber, previous: SequenceNumber?, body: Body) {
        self.topic = topic
        self.sequence = sequence
        self.previous = previous
        self.body = body
    }

    /// A draft at its place.
    public init(_ draft: Draft, sequence: SequenceNumber, previous: SequenceNumber?) {
        self.init(topic: draft.topic, sequence: sequence, previous: previous, body: .message(draft.message))
    }

    /// Nil for an entry of another kind.
    public var message: Message? { if case .message(let message) = body { message } else { nil } }
}
