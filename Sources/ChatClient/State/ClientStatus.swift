import Transport
import Wire

/// How things stand, for the status line.
struct ClientStatus: Equatable, Sendable {
    enum Connection: Equatable, Sendable {
        case connecting
        case open
        /// Until then nothing is tried.
        case waiting(until: Duration)
        case ending
    }

    var server: String
    var username: String
    var connection: Connection
    /// From a request to its answer, the last time; nil before there was one.
    var lag: Duration?
    /// Since when the oldest request that was not answered has been under way.
    var unansweredSince: Duration?
    /// Messages that are not stored yet.
    var unsent: Int
    /// The server asked for fewer messages; until when none is sent.
    var pausedUntil: Duration?
    /// There is more than lines of text: typing notices, history, private messages.
    var isV2: Bool
    /// Of a message, in bytes; 0: unknown.
    var messageBytes: Int
}

extension ClientState {
    var status: ClientStatus {
        let connection: ClientStatus.Connection =
            switch reconnecting.phase {
            case .idle, .connecting, .greeting: .connecting
            case .open: .open
            case .waiting(_, let until): .waiting(until: until)
            case .closing, .ended: .ending
            }
        return ClientStatus(
            server: address.description, username: session.v2.username, connection: connection, lag: session.v2.lag,
            unansweredSince: dialogue.exchange?.unansweredSince(session), unsent: session.outbox.messageCount,
            pausedUntil: session.outbox.pacing.pausedUntil, isV2: session.dialect == .v2,
            messageBytes: session.v2.limits.limits.messageBytes)
    }
}
