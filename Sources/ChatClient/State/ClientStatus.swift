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
            switch phase {
            case .idle, .connecting, .greeting: .connecting
            case .open: .open
            case .waiting(let until): .waiting(until: until)
            case .closing, .ended: .ending
            }
        return ClientStatus(
            server: route.address.description, username: v2.username, connection: connection, lag: lag,
            unansweredSince: dialect == .v2
                ? (outbox.inFlight.compactMap(\.item.sentAt) + v2.asked.values).min() : nil,
            unsent: outbox.messageCount, pausedUntil: pausedUntil, isV2: dialect == .v2,
            messageBytes: v2.limits.messageBytes)
    }
}
