import Domain
import Foundation
import Wire

/// A stored message's payload: the classic object, so that an original server on the same NATS reads it, plus `id` and `at`.
enum StoredPayload {
    static func encode(_ draft: Draft) -> [UInt8] {
        var object = JSONObjectWriter(capacity: draft.content.utf8.count + 240)
        object.add("type", draft.recipient == nil ? "chat_message" : "private_message")
        object.add("sender", draft.sender.text)
        object.add("to", ifPresent: draft.recipient?.text)
        object.add("content", draft.content)
        object.add("timestamp", draft.timestamp.classicText)
        object.add("room", ifPresent: draft.topic.room?.text)
        object.add("id", draft.id.text)
        object.add("at", draft.timestamp.rfc3339Text)
        return object.finish()
    }

    private struct Fields: Decodable {
        var type: String?
        var sender: String?
        var to: String?
        var content: String?
        var timestamp: String?
        var id: String?
        var at: String?

        /// - Returns: nil for what is no JSON object, or has another type in one of these fields than a string.
        static func read(_ payload: [UInt8]) -> Fields? {
            guard let object = FlatObject(payload) else {
                return try? JSONDecoder().decode(Fields.self, from: Data(payload))
            }
            return Fields(
                type: object["type"], sender: object["sender"], to: object["to"], content: object["content"],
                timestamp: object["timestamp"], id: object["id"], at: object["at"])
        }
    }

    /// Reads what stands in the log of `topic`, ours or an original server's.
    ///
    /// - Parameters:
    ///   - epoch: names the log's incarnation, for messages that brought no id of their own.
    ///   - now: stands in for a time that is missing or unreadable.
    /// - Returns: nil for what is neither a message nor a notice, or not of the topic's kind.
    static func decode(
        _ payload: [UInt8], topic: Topic, sequence: SequenceNumber, epoch: Epoch, now: Timestamp
    ) -> RoomEvent? {
        guard let fields = Fields.read(payload) else { return nil }
        let id = MessageID(fields.id ?? "seq-\(epoch)-\(sequence)")
        switch (topic, fields.type) {
        case (.room(let room), "chat_message"):
            guard let sender = fields.sender, let content = fields.content, !sender.isEmpty, !content.isEmpty else {
                return nil
            }
            return .message(
                ChatMessage(
                    id: id, room: room, sender: sender, content: content, timestamp: timestamp(fields, or: now),
                    sequence: sequence))
        case (.room(let room), "system_message"):
            return fields.content.map { .foreignNotice(room: room, content: $0) }
        case (.inbox(let owner), "private_message"):
            guard let sender = fields.sender, let recipient = fields.to, let content = fields.content,
                ![sender, recipient, content].contains("")
            else { return nil }
            return .privateMessage(
                PrivateMessage(
                    id: id, owner: owner, sender: sender, recipient: recipient, content: content,
                    timestamp: timestamp(fields, or: now), sequence: sequence))
        default:
            return nil
        }
    }

    private static func timestamp(_ fields: Fields, or now: Timestamp) -> Timestamp {
        fields.at.flatMap(Timestamp.init(rfc3339Text:))
            ?? fields.timestamp.flatMap(Timestamp.init(classicText:)) ?? now
    }
}
