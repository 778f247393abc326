/// What the server tells a client of the classic dialect.
public enum ClassicEvent: Equatable, Sendable {
    /// Someone else said `content` in `room`; `timestamp` is the server's, `yyyy-MM-dd HH:mm:ss` UTC.
    case chatMessage(sender: String, content: String, timestamp: String, room: String)
    /// A notice, an answer or an error, in words.
    case system(content: String)
}

extension ClassicEvent {
    /// One line for what would have been one for each who came or went: how many entered and left a room, and how many are
    /// in it now. Clients of `chat.v2` show its counts in the same words.
    public static func crowd(in room: String, members: Int, joined: Int, left: Int) -> String {
        func users(_ count: Int) -> String { count == 1 ? "1 user" : "\(count) users" }
        let changes =
            switch (joined, left) {
            case (_, 0): "\(users(joined)) joined the room \(room)"
            case (0, _): "\(users(left)) left the room \(room)"
            default: "\(users(joined)) joined the room \(room), \(left) left"
            }
        return "\(changes): \(users(members)) \(members == 1 ? "is" : "are") here now"
    }

    /// Reads one frame that a server sent.
    public init(json: some Collection<UInt8>) throws(ClassicDecodingError) {
        let object = try ClassicObject(json: json)
        switch object.type {
        case "chat_message":
            self = .chatMessage(
                sender: object.sender ?? "", content: object.content ?? "",
                timestamp: object.timestamp ?? "", room: object.room ?? "")
        case "system_message": self = .system(content: object.content ?? "")
        default: throw .unknownType(object.type ?? "")
        }
    }

    /// The frame a server sends: fields in the original's order, empty ones left out.
    public var json: [UInt8] {
        switch self {
        case .chatMessage(let sender, let content, let timestamp, let room):
            var object = JSONObjectWriter(capacity: content.utf8.count + 160)
            object.add("type", "chat_message")
            object.addUnlessEmpty("sender", sender)
            object.addUnlessEmpty("content", content)
            object.addUnlessEmpty("timestamp", timestamp)
            object.addUnlessEmpty("room", room)
            return object.finish()
        case .system(let content):
            var object = JSONObjectWriter(capacity: content.utf8.count + 48)
            object.add("type", "system_message")
            object.addUnlessEmpty("content", content)
            return object.finish()
        }
    }
}
