/// One entry of a window: a message, or something that happened. It may take several rows.
struct ScrollbackLine: Equatable, Sendable {
    enum Kind: UInt8, Sendable {
        /// Somebody said it.
        case message
        /// Oneself said it.
        case own
        /// One's own, not stored yet.
        case pending
        /// One's own, and it will not be sent; why stands in ``ScrollbackLine/sender``.
        case failed
        /// Comings and goings.
        case notice
        /// The client's own words, or the server's.
        case status
        /// Something may be missing, or was recovered.
        case gap
        /// An answer to a command.
        case answer
    }

    var kind: Kind
    /// Seconds since 1970; 0: unknown.
    var time: Int64 = 0
    /// Its place in the log; 0: none.
    var sequence: UInt64 = 0
    /// Names the user.
    var isMention = false
    /// Who said it; of one that failed, why it will not be sent.
    var sender = ""
    var text: String
}
