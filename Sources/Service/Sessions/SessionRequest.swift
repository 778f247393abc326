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
    /// Who has come, as far as the door has found out.
    public let principal: Principal
    /// Where the user is first, unless an earlier session is succeeded. `global` where the client names none: who may not
    /// read that begins in no room.
    public let room: RoomName
    public let resumption: Resumption

    public init(
        _ username: Username, principal: Principal = .open, entering room: RoomName, resumption: Resumption
    ) {
        self.username = username
        self.principal = principal
        self.room = room
        self.resumption = resumption
    }
}
