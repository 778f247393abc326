public import Domain

/// What a client asks for when it comes.
public struct SessionRequest: Equatable, Sendable {
    /// Whether a client can come back to its session, which its dialect decides.
    public enum Resumption: Equatable, Sendable {
        /// It cannot: its user has left when the connection ends.
        case none
        /// It can, with the session's secret. It may present that of an earlier session of its own, which it then succeeds.
        case possible(presenting: SessionSecret?)
    }

    public let username: Username
    /// Where the user is first, unless an earlier session is succeeded.
    public let room: RoomName
    public let resumption: Resumption

    public init(_ username: Username, entering room: RoomName, resumption: Resumption) {
        self.username = username
        self.room = room
        self.resumption = resumption
    }
}
