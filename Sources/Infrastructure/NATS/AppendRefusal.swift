import CNATS
import Domain
import Service

/// Why a message was not stored, or may not have been: what its sender is told, and what it says about the stream.
struct AppendRefusal: Error {
    let reason: AppendFailure.Reason
    /// JetStream's own words, for operators.
    let words: String
    /// Whether the stream refused the message; false if it did not answer.
    let isAnswered: Bool
    /// Whether the next message would probably fail as well. False while there is no connection: that is reported
    /// separately.
    let isObstacle: Bool
    private let cause: any Error

    /// A message that is too large for the log is refused for good; after any other refusal the sender may retry.
    var error: ChatError {
        let cause = AppendFailure(reason, cause: cause)
        return switch reason {
        case .tooLarge:
            ChatError(.messageTooLong, "message too long: the message store takes none of this size", cause: cause)
        case .overloaded:
            ChatError(.unavailable, "not sent: too many messages are waiting, try again", cause: cause)
        case .unreachable:
            ChatError(.unavailable, "not sent: the message store cannot be reached, try again later", cause: cause)
        case .notReady:
            ChatError(.unavailable, "not sent: the message store is not ready, try again later", cause: cause)
        case .unanswered:
            ChatError(
                .unavailable, "not confirmed: the message store did not answer, the message may not have been sent",
                cause: cause)
        case .full:
            ChatError(.unavailable, "not sent: the message store is full, try again later", cause: cause)
        case .refused, .other:
            ChatError(.unavailable, "not sent: the message store refused it, try again", cause: cause)
        }
    }
}

extension AppendRefusal {
    init(_ failure: NATSRequests.Failure) {
        switch failure {
        case .full: reason = .overloaded
        case .notSent(let error) where error.status == NATS_MAX_PAYLOAD: reason = .tooLarge
        case .notSent(let error) where error.status == NATS_INSUFFICIENT_BUFFER: reason = .overloaded
        case .notSent: reason = .unreachable
        case .noResponders: reason = .notReady
        case .unanswered, .lost: reason = .unanswered
        }
        switch failure {
        case .noResponders, .unanswered: isObstacle = true
        case .full, .notSent, .lost: isObstacle = false
        }
        words = JetStreamError.unanswered(failure).description
        isAnswered = false
        cause = failure
    }

    /// JetStream answered with an error instead of a confirmation.
    init(_ error: JetStreamError) {
        switch error.code {
        case 10_054, 10_097: reason = .tooLarge  // the message; its headers
        case 10_002, 10_023, 10_028, 10_047, 10_077: reason = .full  // account; server, its memory, its disk; stream
        default: reason = .refused
        }
        isObstacle = reason != .tooLarge
        words = "\(error)"
        isAnswered = true
        cause = error
    }
}
