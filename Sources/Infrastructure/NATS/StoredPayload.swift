import Domain
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

    private struct Fields {
        let type: String?
        let sender: String?
        let to: String?
        let content: String?
        let timestamp: String?
        let id: String?
        let at: String?

        /// - Throws: where it is no JSON object, or has another type in one of these fields than a string.
        init(_ payload: [UInt8]) throws {
            let object = try JSONObject(payload)
            type = try object.text("type")
            sender = try object.text("sender")
            to = try object.text("to")
            content = try object.text("content")
            timestamp = try object.text("timestamp")
            id = try object.text("id")
            at = try object.text("at")
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
        guard let fields = try? Fields(payload) else { return nil }
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
