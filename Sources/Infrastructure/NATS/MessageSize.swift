import Domain

/// The largest message that a client may send, and what it takes to store it.
struct LargestMessage: Equatable, Sendable {
    /// `max_message_bytes`.
    let contentBytes: Int
    /// Payload and header block together, as NATS counts them, for the content, the names and the id that take the most.
    let storedBytes: Int
    /// Of ``storedBytes``, what does not depend on the content.
    private let overhead: Int

    /// In JSON a control character takes six bytes for the one that it has in UTF-8, more than any other.
    private static let worstEscaping = 6

    /// - Throws: never, as long as a name may consist of characters of four bytes only.
    init(contentBytes: Int) throws(NameError) {
        // Four bytes each, and no form takes more: an escaped or percent-encoded character of one byte has at most three.
        func longest(_ scalars: Int) -> String { String(repeating: "\u{1F600}", count: scalars) }
        let user = try Username(longest(Username.maximumLength))
        let id = MessageID(longest(MessageID.maximumLength))
        let now = Timestamp(millisecondsSince1970: 0)
        let drafts = [
            Draft(
                id: id, room: try RoomName(longest(RoomName.maximumLength)), sender: user, content: "", timestamp: now),
            // The recipient's name differs, so that this is the sender's own copy, whose message id is the longer one.
            Draft(
                id: id, in: user, from: user, to: try Username(longest(Username.maximumLength - 1) + "\u{1F601}"),
                content: "", timestamp: now),
        ]
        self.contentBytes = contentBytes
        overhead = drafts.map { StoredPayload.encode($0).count + Self.headerBytes($0) }.max() ?? 0
        storedBytes = overhead + Self.worstEscaping * contentBytes
    }

    /// Of the header block in which a message carries its id.
    static func headerBytes(_ draft: Draft) -> Int {
        "NATS/1.0\r\n\(Subject.messageIDHeader): \(Subject.messageID(of: draft))\r\n\r\n".utf8.count
    }

    /// What to tell an operator about a limit that is below the largest message; nil where it is not.
    ///
    /// - Parameters:
    ///   - limit: in bytes; nil: none.
    ///   - name: of the limit, as in “max_payload”.
    func complaint(about limit: Int64?, named name: String) -> String? {
        guard let limit, limit < Int64(storedBytes) else { return nil }
        let possible = (Int(limit) - overhead) / Self.worstEscaping
        let remedy = possible > 0 ? ", or set max_message_bytes to at most \(possible)" : ""
        return "\(name) is \(limit) bytes, while a message of max_message_bytes (\(contentBytes)) takes up to "
            + "\(storedBytes) when it is stored: raise \(name) to at least that\(remedy)"
    }
}
