/// One entry of a window: a message, or an event. It may take several rows.
struct ScrollbackLine: Equatable, Sendable {
    enum Kind: UInt8, Sendable {
        /// Somebody else's message.
        case message
        /// The user's own message.
        case own
        /// The user's own message that is not stored yet.
        case pending
        /// The user's own message that will not be sent; ``ScrollbackLine/sender`` has the reason.
        case failed
        /// Joins and leaves.
        case notice
        /// Words of the client or the server.
        case status
        /// Messages may be missing, or were recovered.
        case gap
        /// The answer to a command.
        case answer
    }

    var kind: Kind
    /// Seconds since 1970; 0: unknown.
    var time: Int64 = 0
    /// The message's place in the log; 0: none.
    var sequence: UInt64 = 0
    /// Whether the line mentions the user.
    var isMention = false
    /// The sender; for a failed message, the reason.
    var sender = ""
    var text: String
}
