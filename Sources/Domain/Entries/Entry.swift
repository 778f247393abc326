/// One entry of a topic's log, as it comes in live or is read back.
public struct Entry: Equatable, Sendable {
    /// What a log may hold. Every entry takes a place in its topic: it has a number, and counts in retention.
    public enum Body: Equatable, Sendable {
        /// An entry of a kind that this version writes.
        case contribution(Contribution)
        /// The words of an original server that shares our NATS (its joins and leaves).
        case foreignNotice(String)
        /// An entry of a kind that a later version has written. It is kept as it is.
        case unknown
        /// What no version can read: it is damaged, or was never one of ours.
        case unreadable

        public static func message(_ message: Message) -> Body { .contribution(.message(message)) }
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
        self.init(topic: draft.topic, sequence: sequence, previous: previous, body: .contribution(draft.contribution))
    }

    /// The traits of the contribution; nil for an entry that no user of ours has written.
    public var traits: Contribution.Traits? {
        if case .contribution(let contribution) = body { contribution.traits } else { nil }
    }

    /// Which readers are shown the entry.
    public var visibility: Visibility {
        switch body {
        case .contribution(let contribution): contribution.traits.visibility
        case .foreignNotice: .live
        case .unknown, .unreadable: .hidden
        }
    }
}
