import Transport
import Wire

/// The client's state, for the status line.
struct ClientStatus: Equatable, Sendable {
    enum Connection: Equatable, Sendable {
        case connecting
        case open
        /// No attempt is made before this time.
        case waiting(until: Duration)
        /// No attempt is made before the token file has another token.
        case awaitingToken
        case ending
    }

    var server: String
    var username: String
    var connection: Connection
    /// How long the server took to answer the last request; nil before the first answer.
    var lag: Duration?
    /// When the oldest unanswered request was sent.
    var unansweredSince: Duration?
    /// The number of messages that are not stored yet.
    var unsent: Int
    /// Until when no message is sent, because the server asked for a pause.
    var pausedUntil: Duration?
    /// Whether the dialect has typing notices, history and private messages.
    var isV2: Bool
    /// The greatest size of a message, in bytes; 0: unknown.
    var messageBytes: Int
}

extension ClientState {
    var status: ClientStatus {
        let connection: ClientStatus.Connection =
            switch reconnecting.phase {
            case .idle, .connecting, .greeting: .connecting
            case .open: .open
            case .waiting(_, let until): .waiting(until: until)
            case .awaitingToken: .awaitingToken
            case .closing, .ended: .ending
            }
        return ClientStatus(
            server: address.description, username: session.v2.username, connection: connection, lag: session.v2.lag,
            unansweredSince: dialogue.exchange?.unansweredSince(session), unsent: session.outbox.messageCount,
            pausedUntil: session.outbox.pacing.pausedUntil, isV2: session.dialect == .v2,
            messageBytes: session.v2.limits.limits.messageBytes)
    }
}
