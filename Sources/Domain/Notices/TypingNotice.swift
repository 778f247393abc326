/// That a user is writing, or has stopped. Stored nowhere, and the first to be dropped.
public struct TypingNotice: Equatable, Sendable {
    public let room: RoomName
    public let username: Username
    /// Whose connection is not told.
    public let session: SessionID
    public let isTyping: Bool

    public init(room: RoomName, username: Username, session: SessionID, isTyping: Bool) {
        self.room = room
        self.username = username
        self.session = session
        self.isTyping = isTyping
    }
}
