import Wire

extension Request {
    /// The request in `chat.v2`.
    /// - Parameters:
    ///   - id: a message's name, so that a retry is known as one.
    ///   - rooms: where they were read, to go on from there.
    ///   - history: how many messages a room begins with that was not read before.
    func v2(id: String, _ rooms: RoomReadings, history: Int) -> V2Command {
        switch self {
        case .say(let content, let room): .chatMessage(content: content, room: room, id: id)
        case .tell(let content, let user): .privateMessage(to: user, content: content, id: id)
        case .join(let room, let stay): rooms.join(room, history: history, stay: stay)
        case .part(let room): .leaveRoom(room)
        // Not `leave_room`: after that one would have to join as well, to hear anything.
        case .leave: rooms.join(RoomTracker.lobby, history: history)
        case .users(let room, let after): .listUsers(room: room, V2ListRange(after: after))
        case .rooms(let after): .listRooms(V2ListRange(after: after))
        case .history(let room, let before, let count):
            .history(room: room, .before(before ?? rooms[room].cursor.before), limit: count)
        }
    }
}

extension RoomReadings {
    /// The request to enter a room, or to go on where it was left.
    func join(_ room: String, history: Int, stay: Bool = false) -> V2Command {
        let position = self[room].cursor.position
        return .joinRoom(V2Join(room: room, resume: position, history: position == nil ? history : nil, stay: stay))
    }
}
