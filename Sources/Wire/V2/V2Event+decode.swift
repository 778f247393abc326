import Foundation

extension V2Frame {
    /// Reads one frame that a server sent. Fields that are not known are ignored.
    public init(json: some Collection<UInt8>) throws(V2DecodingError) {
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: Data(json))
        } catch {
            throw V2DecodingError(reason: .notAnObject, ref: nil)
        }
        do throws(MissingField) {
            self.init(try fields.event(), ref: fields.ref)
        } catch {
            throw V2DecodingError(reason: error.reason, ref: fields.ref)
        }
    }
}

private struct MissingField: Error {
    let reason: V2DecodingError.Reason

    init(_ name: String) { reason = .badField("\(name) is missing") }

    init(unknownType type: String) { reason = .unknownType(type) }
}

/// The fields of all events; each takes those that it knows.
private struct Fields: Decodable {
    var type: String?
    var ref: String?
    var id: String?
    var room: String?
    var sender: String?
    var to: String?
    var content: String?
    var timestamp: String?
    var seq: UInt64?
    var username: String?
    var session: String?
    var instance: String?
    var version: String?
    var limits: Limits?
    var members: Int?
    var lastSequence: UInt64?
    var epoch: String?
    var messages: [Message]?
    var more: Bool?
    var truncated: Bool?
    var duplicate: Bool?
    var after: UInt64?
    var before: UInt64?
    var users: [String]?
    var rooms: [RoomOrName]?
    var total: Int?
    var joined: Int?
    var left: Int?
    var isTyping: Bool?
    var code: String?
    var retryAfterMilliseconds: Int?
    var reason: String?
    var delayMilliseconds: Int?

    enum CodingKeys: String, CodingKey {
        case type, ref, id, room, sender, to, content, timestamp, seq, username, session, instance, version, limits,
            members, epoch, messages, more, truncated, duplicate, after, before, users, rooms, total, joined, left,
            code, reason
        case lastSequence = "last_seq"
        case isTyping = "is_typing"
        case retryAfterMilliseconds = "retry_after_ms"
        case delayMilliseconds = "delay_ms"
    }

    struct Limits: Decodable {
        var messageBytes: Int?
        var messagesPerWindow: Int?
        var windowSeconds: Int?

        enum CodingKeys: String, CodingKey {
            case messageBytes = "message_bytes"
            case messagesPerWindow = "messages_per_window"
            case windowSeconds = "window_seconds"
        }
    }

    struct Message: Decodable {
        var id: String
        var room: String?
        var sender: String
        var to: String?
        var content: String
        var timestamp: String
        var seq: UInt64
    }

    /// `rooms` holds names in `welcome` and objects in `room_list`.
    enum RoomOrName: Decodable {
        case name(String)
        case room(V2Room)

        private struct Room: Decodable {
            var name: String
            var members: Int
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                self = .name(name)
            } else {
                let room = try container.decode(Room.self)
                self = .room(V2Room(name: room.name, members: room.members))
            }
        }
    }

    func event() throws(MissingField) -> V2Event {
        switch type {
        case "welcome": return .welcome(try welcome())
        case "chat_message": return .chatMessage(try message())
        case "private_message": return .privateMessage(try privateMessage())
        case "ack":
            return .ack(
                V2Ack(id: id, room: room, sequence: seq, timestamp: timestamp, isDuplicate: duplicate ?? false))
        case "joined":
            return .joined(
                room: try need(room, "room"), members: try need(members, "members"),
                lastSequence: try need(lastSequence, "last_seq"), epoch: try need(epoch, "epoch"))
        case "left": return .left(room: try need(room, "room"))
        case "history": return .history(try history())
        case "inbox": return .inbox(try inbox())
        case "gap":
            return .gap(
                room: try need(room, "room"), after: try need(after, "after"), before: try need(before, "before"))
        case "user_list":
            return .userList(room: room, users: try need(users, "users"), more: more ?? false, total: total)
        case "room_list":
            let rooms = try need(rooms, "rooms").compactMap { if case .room(let room) = $0 { room } else { nil } }
            return .roomList(rooms, more: more ?? false, total: total)
        case "user_joined":
            return .userJoined(
                room: try need(room, "room"), username: try need(username, "username"), members: members,
                timestamp: timestamp ?? "")
        case "user_left":
            return .userLeft(
                room: try need(room, "room"), username: try need(username, "username"), members: members,
                timestamp: timestamp ?? "")
        case "room_members":
            return .roomMembers(
                room: try need(room, "room"), members: try need(members, "members"), joined: joined ?? 0,
                left: left ?? 0, timestamp: timestamp ?? "")
        case "typing":
            return .typing(
                room: try need(room, "room"), username: try need(username, "username"),
                isTyping: try need(isTyping, "is_typing"))
        case "error":
            return .error(code: code ?? "", content: content ?? "", retryAfterMilliseconds: retryAfterMilliseconds)
        case "reconnect":
            return .reconnect(reason: reason ?? "", delayMilliseconds: delayMilliseconds ?? 0)
        default: throw MissingField(unknownType: type ?? "")
        }
    }

    private func need<Value>(_ value: Value?, _ name: String) throws(MissingField) -> Value {
        guard let value else { throw MissingField(name) }
        return value
    }

    private func welcome() throws(MissingField) -> V2Welcome {
        V2Welcome(
            username: try need(username, "username"), session: try need(session, "session"),
            instance: instance ?? "", version: version ?? "",
            rooms: (rooms ?? []).compactMap { if case .name(let name) = $0 { name } else { nil } },
            limits: .init(
                messageBytes: limits?.messageBytes ?? 0, messagesPerWindow: limits?.messagesPerWindow ?? 0,
                windowSeconds: limits?.windowSeconds ?? 0))
    }

    private func message() throws(MissingField) -> V2Message {
        V2Message(
            id: try need(id, "id"), room: try need(room, "room"), sender: try need(sender, "sender"),
            content: try need(content, "content"), timestamp: timestamp ?? "", sequence: try need(seq, "seq"))
    }

    private func privateMessage() throws(MissingField) -> V2PrivateMessage {
        V2PrivateMessage(
            id: try need(id, "id"), sender: try need(sender, "sender"), to: try need(to, "to"),
            content: try need(content, "content"), timestamp: timestamp ?? "", sequence: try need(seq, "seq"))
    }

    private func history() throws(MissingField) -> V2History {
        let room = try need(room, "room")
        let messages = try need(messages, "messages").map { message in
            V2Message(
                id: message.id, room: message.room ?? room, sender: message.sender, content: message.content,
                timestamp: message.timestamp, sequence: message.seq)
        }
        return V2History(
            room: room, messages: messages, more: more ?? false, truncated: truncated ?? false,
            epoch: try need(epoch, "epoch"))
    }

    private func inbox() throws(MissingField) -> V2Inbox {
        let messages = try need(messages, "messages").map { message in
            V2PrivateMessage(
                id: message.id, sender: message.sender, to: message.to ?? "", content: message.content,
                timestamp: message.timestamp, sequence: message.seq)
        }
        return V2Inbox(
            messages: messages, more: more ?? false, truncated: truncated ?? false, epoch: try need(epoch, "epoch"))
    }
}
