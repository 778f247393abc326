import Domain

/// The settings that the cluster wants for the two streams of its messages.
struct StreamSettings: Equatable, Sendable {
    /// How long JetStream recognises a message id (docs/protocol.md).
    static let duplicateWindow: Duration = .seconds(120)

    var messagesPerTopic: Int64
    var maximumAge: Duration
    /// Used only when this instance creates a stream; an operator may change it later.
    var replicas: Int64

    /// The retention, by the names of JetStream's API; existing streams are updated to it.
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
    /// Whole nanoseconds. `Int64` covers 292 years.
    var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
