/// What a client of the classic dialect asks for.
///
/// Names and texts are as the client sent them: the server validates them on the way in.
public enum ClassicCommand: Equatable, Sendable {
    /// Say `content` in the current room. `sender`, `room` and `timestamp` from a client are ignored.
    case chatMessage(content: String)
    /// Leave the current room and enter `room`.
    case joinRoom(String)
    /// Go back to `global`.
    case leaveRoom
    /// All active users, or those of `room`.
    case listUsers(room: String?)
    case listRooms
}

extension ClassicCommand {
    /// Reads one frame that a client sent.
    public init(json: some Collection<UInt8>) throws(ClassicDecodingError) {
        let object = try ClassicObject(json: json)
        switch object.type {
        case "chat_message": self = .chatMessage(content: object.content ?? "")
        case "join_room": self = .joinRoom(object.room ?? "")
        case "leave_room": self = .leaveRoom
        case "list_users": self = .listUsers(room: object.room.flatMap { $0.isEmpty ? nil : $0 })
        case "list_rooms": self = .listRooms
        default: throw .unknownType(object.type ?? "")
        }
    }

    /// The frame a client sends.
    public var json: [UInt8] {
        var object = JSONObjectWriter()
        switch self {
        case .chatMessage(let content):
            object.add("type", "chat_message")
            object.addUnlessEmpty("content", content)
        case .joinRoom(let room):
            object.add("type", "join_room")
            object.addUnlessEmpty("room", room)
        case .leaveRoom:
            object.add("type", "leave_room")
        case .listUsers(let room):
            object.add("type", "list_users")
            object.addUnlessEmpty("room", room ?? "")
        case .listRooms:
            object.add("type", "list_rooms")
        }
        return object.finish()
    }
}
