/// The one flat JSON object of the classic dialect, as it stands on the wire in either direction.
///
/// Only the codec looks at it; everyone else sees ``ClassicCommand`` and ``ClassicEvent``. Fields that are absent, `null`
/// or empty mean the same, as they did in the original server.
struct ClassicObject: Equatable {
    let type: String?
    let sender: String?
    let content: String?
    let timestamp: String?
    let room: String?

    /// - Throws: ``ClassicDecodingError`` where the bytes are no JSON object, or a field is not a string.
    init(json: some Collection<UInt8>) throws(ClassicDecodingError) {
        do {
            let object = try JSONObject(json)
            type = try object.text("type")
            sender = try object.text("sender")
            content = try object.text("content")
            timestamp = try object.text("timestamp")
            room = try object.text("room")
        } catch {
            throw .notAnObject
        }
    }
}

/// Why bytes are not a frame of the classic dialect. The peer's mistake: answered in words, and nothing changes.
public enum ClassicDecodingError: Error, Equatable, Sendable {
    /// No JSON object, or one whose known fields are not strings.
    case notAnObject
    /// A `type` that this direction does not know; empty where there was none.
    case unknownType(String)
}
