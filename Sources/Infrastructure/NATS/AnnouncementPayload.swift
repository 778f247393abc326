import Domain
import Service
import Wire

/// The notices that instances send each other beside stored messages, as JSON.
enum AnnouncementPayload {
    static func encode(_ announcement: Announcement) -> [UInt8] {
        var object = JSONObjectWriter()
        switch announcement {
        case .membership(let notice):
            object.add("type", notice.change.rawValue)
            object.add("username", notice.username.text)
            object.add("room", notice.room.text)
            object.add("id", notice.id)
            object.add("session", ifPresent: notice.session?.text)
            object.add("members", ifPresent: notice.members)
            object.add("at", notice.timestamp.rfc3339Text)
        case .typing(let notice):
            object.add("type", "typing")
            object.add("username", notice.username.text)
            object.add("room", notice.room.text)
            object.add("session", notice.session.text)
            object.add("is_typing", notice.isTyping)
        case .succession(let session):
            object.add("type", "session_succeeded")
            object.add("session", session.text)
        case .administration(let notice):
            return AdministrationPayload.encode(notice)
        }
        return object.finish()
    }

    private struct Fields {
        let type: String
        let username: String?
        let room: String?
        let id: String?
        let session: String?
        let members: Int?
        let at: String?
        let isTyping: Bool?

        /// - Throws: if the payload is not a JSON object with these fields and types.
        init(_ payload: [UInt8]) throws {
            let object = try JSONObject(payload)
            type = try object.requiredText("type")
            username = try object.text("username")
            room = try object.text("room")
            id = try object.text("id")
            session = try object.text("session")
            members = try object.whole("members")
            at = try object.text("at")
            isTyping = try object.flag("is_typing")
        }
    }

    /// Our own tokens have 32 to 40 characters. Receivers keep tokens for a while, so a longer one is refused.
    private static let maximumTokenBytes = 64

    /// - Returns: nil for an announcement of an unknown kind, because later versions may send others.
    static func decode(_ payload: [UInt8]) -> Announcement? {
        guard let fields = try? Fields(payload), (fields.session ?? "").utf8.count <= maximumTokenBytes
        else { return nil }
        switch fields.type {
        case "session_succeeded": return fields.session.map { .succession(SessionID($0)) }
        case "typing": return typing(fields).map(Announcement.typing)
        default: return membership(fields).map(Announcement.membership)
        }
    }

    private static func typing(_ fields: Fields) -> TypingNotice? {
        guard let room = fields.room.flatMap({ try? RoomName($0) }),
            let username = fields.username.flatMap({ try? Username($0) }),
            let session = fields.session, let isTyping = fields.isTyping
        else { return nil }
        return TypingNotice(room: room, username: username, session: SessionID(session), isTyping: isTyping)
    }

    private static func membership(_ fields: Fields) -> MembershipNotice? {
        guard let change = MembershipNotice.Change(rawValue: fields.type),
            let id = fields.id, id.utf8.count <= maximumTokenBytes,
            let room = fields.room.flatMap({ try? RoomName($0) }),
            let username = fields.username.flatMap({ try? Username($0) }),
            let timestamp = fields.at.flatMap(Timestamp.init(rfc3339Text:))
        else { return nil }
        return MembershipNotice(
            id: id, change, room: room, username: username, session: fields.session.map(SessionID.init),
            members: fields.members.map { max($0, 0) }, timestamp: timestamp)
    }
}
