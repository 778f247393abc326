public import Domain

/// Something that happened on this instance, as an administrator sees it.
public struct ActivityEvent: Equatable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A session began.
        case connected
        /// The connection of a session has ended.
        case disconnected
        /// A user came into a room with the first session here or anywhere, or left it with the last one.
        case joined
        case left
        /// Somebody was not let in.
        case refused
        /// An administrator ended the sessions of a user.
        case expelled
        /// An administrator took tokens back.
        case revoked
        /// An administrator told everybody something.
        case announced
    }

    public let kind: Kind
    public let time: Timestamp
    public let username: String?
    public let room: String?
    /// Of the client.
    public let address: String?
    /// Why, in words for people; nil if there is nothing to say.
    public let reason: String?

    public init(
        _ kind: Kind, at time: Timestamp, username: String? = nil, room: String? = nil, address: String? = nil,
        reason: String? = nil
    ) {
        self.kind = kind
        self.time = time
        self.username = username
        self.room = room
        self.address = address
        self.reason = reason
    }
}
