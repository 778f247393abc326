import Domain
import Logging

/// Subscribes to JetStream's advisories about the streams.
struct StreamAdvisories: Sendable {
    private let subscriptions: [NATSSubscription]

    /// - Parameter board: gets a note of each stream that has to be checked.
    init(on connection: NATSConnection, board: ClusterTaskBoard, logger: Logger) throws(NATSError) {
        var subscriptions: [NATSSubscription] = []
        for kind in Topic.Kind.allCases {
            let subscription = try NATSSubscription(to: Subject.advisories(kind), on: connection) { message in
                // $JS.EVENT.ADVISORY.STREAM.<what>.<stream>
                let tokens = message.subject.split(separator: ".")
                switch tokens.count == 6 ? tokens[4] : "" {
                case "LEADER_ELECTED":
                    board.note { $0.elected.insert(kind) }
                case "CREATED", "UPDATED", "RESTORE_COMPLETE":
                    board.note { $0.unverified.insert(kind) }
                case "QUORUM_LOST":
                    logger.warning("a stream has lost its quorum", metadata: ["stream": "\(kind.stream)"])
                default: break
                }
            }
            subscriptions.append(subscription)
        }
        self.subscriptions = subscriptions
    }
}
