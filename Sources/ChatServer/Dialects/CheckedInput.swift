import Domain
import Service

extension RoomName {
    /// - Throws: ``ChatError/Code/invalidRoom``.
    static func checked(_ text: String) throws(ChatError) -> RoomName {
        do throws(NameError) { return try RoomName(text) } catch { throw .invalidRoom(error) }
    }
}

extension MessageID {
    /// - Throws: ``ChatError/Code/badRequest``.
    static func checked(_ text: String) throws(ChatError) -> MessageID {
        guard let id = MessageID(chosen: text) else {
            throw ChatError(
                .badRequest,
                "id must have 1 to \(MessageID.maximumLength) characters, and no control characters among them")
        }
        return id
    }
}
