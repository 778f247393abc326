import Domain
import Wire

/// A stored message's payload: the classic object, so that an original server on the same NATS reads it, plus `id` and `at`.
///
/// Another `type` is an entry of a kind that a later version has written; other fields are more about the entry.
enum StoredPayload {
    static func encode(_ draft: Draft) -> [UInt8] {
        switch draft.contribution {
        case .message(let message): encode(message, in: draft.topic)
        }
    }

    private static func encode(_ message: Message, in topic: Topic) -> [UInt8] {
        var object = JSONObjectWriter(capacity: message.content.utf8.count + 240)
        object.add("type", (message.recipient == nil ? Kind.chatMessage : .privateMessage).rawValue)
        object.add("sender", message.sender)
        object.add("to", ifPresent: message.recipient)
        object.add("content", message.content)
        object.add("timestamp", message.timestamp.classicText)
        object.add("room", ifPresent: topic.room?.text)
        object.add("id", message.id.text)
        object.add("at", message.timestamp.rfc3339Text)
        return object.finish()
    }

    /// What `type` says.
    private enum Kind: String {
        case chatMessage = "chat_message"
        case privateMessage = "private_message"
        case foreignNotice = "system_message"
    }

    private struct Fields {
        let sender: String?
        let to: String?
        let content: String?
        let timestamp: String?
        let id: String?
        let at: String?

        /// - Throws: where one of these fields has another type than a string.
        init(_ object: JSONObject) throws {
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
    /// - Returns: ``Entry/Body/unreadable`` for what is no object with a type, lacks what its type has, or belongs to another
    ///   kind of topic.
    static func decode(
        _ payload: [UInt8], in topic: Topic, sequence: SequenceNumber, epoch: Epoch, now: Timestamp
    ) -> Entry.Body {
        guard let object = try? JSONObject(payload), let type = try? object.text("type") else { return .unreadable }
        guard let kind = Kind(rawValue: type) else { return .unknown }
        guard let fields = try? Fields(object) else { return .unreadable }
        switch (topic, kind) {
        case (.room, .chatMessage), (.inbox, .privateMessage):
            let recipient = kind == .privateMessage ? fields.to : nil
            guard let sender = fields.sender, let content = fields.content, !sender.isEmpty, !content.isEmpty,
                kind == .chatMessage || recipient?.isEmpty == false
            else { return .unreadable }
            return .message(
                Message(
                    id: MessageID(fields.id ?? "seq-\(epoch)-\(sequence)"), sender: sender, recipient: recipient,
                    content: content, timestamp: timestamp(fields, or: now)))
        case (.room, .foreignNotice):
            return fields.content.map(Entry.Body.foreignNotice) ?? .unreadable
        case (.room, .privateMessage), (.inbox, .chatMessage), (.inbox, .foreignNotice):
            return .unreadable
        }
    }

    private static func timestamp(_ fields: Fields, or now: Timestamp) -> Timestamp {
        fields.at.flatMap(Timestamp.init(rfc3339Text:))
            ?? fields.timestamp.flatMap(Timestamp.init(classicText:)) ?? now
    }
}
