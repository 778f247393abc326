import Domain

/// What the cluster wants of the two streams that hold its messages.
struct StreamSettings: Equatable, Sendable {
    /// How long JetStream knows a message id again (docs/protocol.md).
    static let duplicateWindow: Duration = .seconds(120)

    var messagesPerTopic: Int64
    var maximumAge: Duration
    /// Only for a stream that is created here; an operator may scale it later.
    var replicas: Int64

    /// What retention is made of, by the names of JetStream's API; brought up to date in existing streams.
    var retention: [String: JSONValue] {
        [
            "max_msgs_per_subject": .integer(messagesPerTopic),
            "max_age": .integer(maximumAge.nanoseconds),
            "duplicate_window": .integer(min(Self.duplicateWindow, maximumAge).nanoseconds),
            "discard": .string("old"),
        ]
    }
}

extension Topic.Kind {
    /// The stream that stores topics of this kind.
    var stream: String {
        switch self {
        case .rooms: "CHAT"
        case .inboxes: "INBOX"
        }
    }
}

extension Duration {
    /// Whole nanoseconds; the range of `Int64` is 292 years.
    var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
