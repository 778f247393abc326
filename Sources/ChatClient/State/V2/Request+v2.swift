import Wire

extension Request {
    /// The request as a `chat.v2` command.
    /// - Parameters:
    ///   - id: the message's id, by which the server recognises a retry.
    ///   - rooms: the positions to continue from.
    ///   - history: how many messages to begin with in a room without a position.
    func v2(id: String, _ rooms: RoomReadings, history: Int) -> V2Command {
        switch self {
        case .say(let content, let room): .chatMessage(content: content, room: room, id: id)
        case .tell(let content, let user): .privateMessage(to: user, content: content, id: id)
        case .join(let room, let stay): rooms.join(room, history: history, stay: stay)
        case .part(let room): .leaveRoom(room)
        // `leave_room` would need a `join_room` afterwards, because nothing is delivered before one.
        case .leave: rooms.join(RoomTracker.lobby, history: history)
        case .users(let room, let after): .listUsers(room: room, V2ListRange(after: after))
        case .rooms(let after): .listRooms(V2ListRange(after: after))
        case .history(let room, let before, let count):
            .history(room: room, .before(before ?? rooms[room].cursor.before), limit: count)
        }
    }
}

extension RoomReadings {
    /// The request to enter a room, continuing from its position.
    func join(_ room: String, history: Int, stay: Bool = false) -> V2Command {
        let position = self[room].cursor.position
        return .joinRoom(V2Join(room: room, resume: position, history: position == nil ? history : nil, stay: stay))
    }
}
