import Domain

/// The NATS subjects of the cluster (docs/protocol.md, “Between instances”).
enum Subject {
    /// What is to be stored is published here, by us and by original servers.
    static func room(_ room: RoomName) -> String { "chat.room." + token(room.text) }

    /// What was stored comes out here, republished by the NATS server.
    static func live(_ room: RoomName) -> String { "chat.live." + token(room.text) }

    /// The room whose messages a subject stores; nil for a subject that we would not have made.
    static func room(of subject: String) -> RoomName? {
        let prefix = "chat.room."
        guard subject.hasPrefix(prefix), let name = decoded(subject.dropFirst(prefix.count)),
            let room = try? RoomName(name), Array(self.room(room).utf8) == Array(subject.utf8)
        else { return nil }
        return room
    }

    static func presence(_ room: RoomName) -> String { "chat.presence." + token(room.text) }

    static let allRooms = "chat.room.*"
    static let republished = "chat.live.{{wildcard(1)}}"
    static let allPresence = "chat.presence.*"

    /// A name as one token of a subject: `.` `*` `>` `%` become `%XX`, so that no name can be two tokens or a wildcard.
    static func token(_ name: String) -> String {
        percentEncoded(name) { ".*>%".utf8.contains($0) }
    }

    /// The id under which JetStream knows a message again: sender, room and id, none able to run into the next.
    static func messageID(of draft: Draft) -> String {
        [draft.sender.text, draft.room.text, draft.id.text]
            .map { percentEncoded($0) { $0 <= 0x20 || $0 == 0x7F || ".*>%".utf8.contains($0) } }
            .joined(separator: ".")
    }

    /// Undoes ``token(_:)``.
    private static func decoded(_ token: Substring) -> String? {
        guard token.utf8.contains(UInt8(ascii: "%")) else { return String(token) }
        var bytes: [UInt8] = []
        var rest = token.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(Substring(rest.prefix(2)), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func percentEncoded(_ text: String, where mustBeEncoded: (UInt8) -> Bool) -> String {
        guard text.utf8.contains(where: mustBeEncoded) else { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if mustBeEncoded(byte) {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
