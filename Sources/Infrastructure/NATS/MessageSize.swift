import Domain

/// The largest message that a client may send, and the bytes that NATS needs to store it.
struct LargestMessage: Equatable, Sendable {
    /// `max_message_bytes`.
    let contentBytes: Int
    /// The payload and the header block together, as NATS counts them, with the content, names and id that take the
    /// most.
    let storedBytes: Int
    /// The part of ``storedBytes`` that does not depend on the content.
    private let overhead: Int

    /// JSON writes a control character, one byte in UTF-8, as six bytes; no other character grows more.
    private static let worstEscaping = 6

    /// - Throws: never, as long as a name may consist of four-byte characters only.
    init(contentBytes: Int) throws(NameError) {
        // Four bytes per character is the maximum: an escaped or percent-encoded one-byte character takes at most
        // three.
        func longest(_ scalars: Int) -> String { String(repeating: "\u{1F600}", count: scalars) }
        let user = try Username(longest(Username.maximumLength))
        let id = MessageID(longest(MessageID.maximumLength))
        let now = Timestamp(millisecondsSince1970: 0)
        let drafts = [
            Draft(
                id: id, room: try RoomName(longest(RoomName.maximumLength)), sender: user, content: "", timestamp: now),
            // With another recipient's name this is the sender's own copy, which has the longer message id.
            Draft(
                id: id, in: user, from: user, to: try Username(longest(Username.maximumLength - 1) + "\u{1F601}"),
                content: "", timestamp: now),
        ]
        self.contentBytes = contentBytes
        overhead = drafts.map { StoredPayload.encode($0).count + Self.headerBytes($0) }.max() ?? 0
        storedBytes = overhead + Self.worstEscaping * contentBytes
    }

    /// The size of the header block that carries a message's id.
    static func headerBytes(_ draft: Draft) -> Int {
        "NATS/1.0\r\n\(Subject.messageIDHeader): \(Subject.messageID(of: draft))\r\n\r\n".utf8.count
    }

    /// The sentence for an operator about a limit that is below the largest message; nil if it is not below.
    ///
    /// - Parameters:
    ///   - limit: in bytes; nil: no limit.
    ///   - name: the limit's name, as in “max_payload”.
    func complaint(about limit: Int64?, named name: String) -> String? {
        guard let limit, limit < Int64(storedBytes) else { return nil }
        let possible = (Int(limit) - overhead) / Self.worstEscaping
        let remedy = possible > 0 ? ", or set max_message_bytes to at most \(possible)" : ""
        return "\(name) is \(limit) bytes, while a message of max_message_bytes (\(contentBytes)) takes up to "
            + "\(storedBytes) when it is stored: raise \(name) to at least that\(remedy)"
    }
}
