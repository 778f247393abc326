import Domain
import Foundation
import Wire

/// A stored message's payload: the classic object, so that an original server on the same NATS reads it, plus `id` and `at`.
enum StoredPayload {
    static func encode(_ draft: Draft) -> [UInt8] {
        var object = JSONObjectWriter(capacity: draft.content.utf8.count + 240)
        object.add("type", "chat_message")
        object.add("sender", draft.sender.text)
        object.add("content", draft.content)
        object.add("timestamp", draft.timestamp.classicText)
        object.add("room", draft.room.text)
        object.add("id", draft.id.text)
        object.add("at", draft.timestamp.rfc3339Text)
        return object.finish()
    }

    private struct Fields: Decodable {
        var type: String?
        var sender: String?
        var content: String?
        var timestamp: String?
        var id: String?
        var at: String?
    }

    /// Reads what stands in the log of `room`, ours or an original server's.
    ///
    /// - Parameters:
    ///   - epoch: names the log's incarnation, for messages that brought no id of their own.
    ///   - now: stands in for a time that is missing or unreadable.
    /// - Returns: nil for what is neither a message nor a notice.
    static func decode(
        _ payload: [UInt8], room: RoomName, sequence: SequenceNumber, epoch: String, now: Timestamp
    ) -> RoomEvent? {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(payload)) else { return nil }
        switch fields.type {
        case "chat_message":
            guard let sender = fields.sender, let content = fields.content, !sender.isEmpty, !content.isEmpty else {
                return nil
            }
            return .message(
                ChatMessage(
                    id: MessageID(fields.id ?? "seq-\(epoch)-\(sequence)"),
                    room: room,
                    sender: sender,
                    content: content,
                    timestamp: fields.at.flatMap(Timestamp.init(rfc3339Text:))
                        ?? fields.timestamp.flatMap(Timestamp.init(classicText:)) ?? now,
                    sequence: sequence))
        case "system_message":
            return fields.content.map { .foreignNotice(room: room, content: $0) }
        default:
            return nil
        }
    }
}

/// A membership notice between instances.
enum PresencePayload {
    static func encode(_ notice: MembershipNotice) -> [UInt8] {
        var object = JSONObjectWriter()
        object.add("type", notice.change.rawValue)
        object.add("username", notice.username.text)
        object.add("room", notice.room.text)
        object.add("id", notice.id)
        object.addUnlessEmpty("session", notice.session?.text ?? "")
        object.add("at", notice.timestamp.rfc3339Text)
        return object.finish()
    }

    private struct Fields: Decodable {
        let type: String
        let username: String
        let room: String
        let id: String
        let session: String?
        let at: String
    }

    /// - Returns: nil for what is no membership notice, which later versions may send as well.
    static func decode(_ payload: [UInt8]) -> MembershipNotice? {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(payload)),
            let change = MembershipNotice.Change(rawValue: fields.type),
            fields.id.utf8.count <= 64,  // ours have 32 to 40; they are remembered for a while
            let room = try? RoomName(fields.room),
            let username = try? Username(fields.username),
            let timestamp = Timestamp(rfc3339Text: fields.at)
        else { return nil }
        return MembershipNotice(
            id: fields.id, change, room: room, username: username, session: fields.session.map(SessionID.init),
            timestamp: timestamp)
    }
}

/// JetStream's answer to a publish.
struct PublishAcknowledgement: Decodable {
    struct Failure: Decodable, Error, CustomStringConvertible {
        let code: Int
        let errorCode: Int?
        let description: String

        enum CodingKeys: String, CodingKey {
            case code, description
            case errorCode = "err_code"
        }
    }

    let seq: UInt64?
    let duplicate: Bool?
    let error: Failure?
}

/// JetStream's answer to a request for a stored message.
struct StoredMessageAnswer: Decodable {
    /// JetStream's `err_code` where there is no such message.
    static let notFound = 10_037

    struct Message: Decodable {
        let seq: UInt64
    }

    let message: Message?
    let error: PublishAcknowledgement.Failure?
}
