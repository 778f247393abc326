public import Domain

/// What somebody is told who may not do what they ask for.
extension ChatError {
    /// The room may not be read. The words are the same whether it exists or not, whatever was asked for.
    public static func forbidden(_ room: RoomName) -> ChatError {
        ChatError(.forbidden, "you may not enter the room \(room)")
    }

    /// The room may be read and not written to.
    public static func readOnly(_ room: RoomName) -> ChatError {
        ChatError(.forbidden, "you may only read in the room \(room)")
    }

    /// Nobody of that name is here, or none that the asker may know of. The words do not tell which.
    public static func noSuchUser(_ username: Username) -> ChatError {
        ChatError(.noSuchUser, "there is no user \(username)")
    }

    /// The request names no room, and the session is in none that could be meant.
    public static let inNoRoom = ChatError(.notInRoom, "you are in no room")
}
