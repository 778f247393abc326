import Domain
import Service

/// One entry as it stands in a segment: a frame of length and checksum around its fields.
///
///     length    UInt32   of the body, in bytes
///     checksum  UInt32   CRC-32C of length and body, seeded with the segment's salt
///     body      flags UInt8, sequence UInt64, before UInt64, stored and timestamp Int64 (milliseconds since 1970),
///               the lengths of five texts UInt32, the texts: topic, id, sender, recipient, content;
///               where a flag says so, a kind UInt8 and the fields that this kind has besides;
///               whatever a later version adds
///
/// All numbers are little-endian. This value is a view of a body that was found to be whole.
///
/// The body of every version begins like this, so that its topic, number and time are known to each. A flag or a kind that
/// is not known here makes it an entry of an unknown kind, and what stands behind the fields is more about it: neither is
/// damage, and both are kept byte for byte (docs/decisions/0022-entries.md).
struct LogRecord {
    static let frameBytes = 8
    /// No record is smaller, with its frame.
    static let minimumBytes = frameBytes + fixedBytes
    /// No body of any version is larger: a longer message is refused, and a length beyond it is damage.
    static let maximumBody = 256 * 1024

    /// Far beyond what is ever reached, and far from what arithmetic overflows at.
    static let maximumSequence: UInt64 = 1 << 60

    private static let fixedBytes = 33 + 4 * textCount
    private static let textCount = 5

    /// A bit of the first byte.
    private enum Flag: UInt8, CaseIterable {
        /// The topic is an inbox.
        case inbox = 1
        /// There is a recipient.
        case recipient = 2
        /// The kind stands behind the texts. Without this flag the record is a message.
        case kind = 4

        static let known = allCases.reduce(into: UInt8(0)) { $0 |= $1.rawValue }
    }

    /// What the record holds.
    private enum Form: UInt8 {
        /// Has no byte of its own on the disk.
        case message = 0

        /// - Parameter rest: the bytes behind the texts.
        /// - Returns: nil for what a later version has written. Else `rest` is left with the form's own fields.
        init?(_ flags: UInt8, _ rest: inout ArraySlice<UInt8>) {
            guard flags & ~Flag.known == 0 else { return nil }
            guard flags & Flag.kind.rawValue != 0 else {
                self = .message
                return
            }
            guard let kind = rest.popFirst(), kind != Form.message.rawValue else { return nil }
            self.init(rawValue: kind)
        }
    }

    let kind: Topic.Kind
    let sequence: UInt64
    /// Nothing of the topic stands between this number and the record: its entry before, or, where there was none at the
    /// time, what may have been dropped before.
    let before: UInt64
    /// When the log took it, by the calendar, in milliseconds since 1970.
    let storedAt: Int64
    private let timestamp: Int64
    private let hasRecipient: Bool
    private let texts: [ArraySlice<UInt8>]
    /// Nil: a later version has written the record.
    private let form: Form?
    /// The fields that the form has besides the texts, and what a later version has added.
    private let rest: ArraySlice<UInt8>

    /// - Returns: nil for what is no body; the checksum is another matter.
    init?(body: ArraySlice<UInt8>) {
        var rest = body
        guard let flags = rest.popFirst(),
            let sequence = rest.popInteger(UInt64.self), let before = rest.popInteger(UInt64.self),
            let storedAt = rest.popInteger(Int64.self), let timestamp = rest.popInteger(Int64.self),
            sequence <= Self.maximumSequence, storedAt.magnitude <= Self.maximumSequence
        else { return nil }
        var lengths: [Int] = []
        for _ in 0..<Self.textCount {
            guard let length = rest.popInteger(UInt32.self) else { return nil }
            lengths.append(Int(length))
        }
        guard lengths.reduce(0, +) <= rest.count else { return nil }
        kind = flags & Flag.inbox.rawValue != 0 ? .inboxes : .rooms
        hasRecipient = flags & Flag.recipient.rawValue != 0
        self.sequence = sequence
        self.before = before
        self.storedAt = storedAt
        self.timestamp = timestamp
        texts = lengths.map { length in
            defer { rest.removeFirst(length) }
            return rest.prefix(length)
        }
        form = Form(flags, &rest)
        self.rest = rest
    }

    var topicName: String { text(0) }
    var id: String { text(1) }
    var sender: String { text(2) }
    var recipient: String? { hasRecipient ? text(3) : nil }
    /// A later version has written the record: what it says is not understood here.
    var isUnknown: Bool { form == nil }

    private func text(_ index: Int) -> String { String(decoding: texts[index], as: UTF8.self) }

    /// What the record says.
    func body(in topic: Topic) -> Entry.Body {
        let timestamp = Timestamp(millisecondsSince1970: timestamp)
        switch form {
        case .message:
            let recipient: String? = if case .inbox(let owner) = topic { recipient ?? owner.text } else { nil }
            return .message(
                Message(
                    id: MessageID(id), sender: sender, recipient: recipient, content: text(4), timestamp: timestamp))
        case nil:
            return .unknown
        }
    }
}

extension LogRecord {
    /// What a contribution of one kind is on the disk, besides what all kinds have.
    private struct Fields {
        let form: Form
        /// The fifth text.
        let content: String
        /// What the form has besides the texts.
        var rest: [UInt8] = []

        init(_ contribution: Contribution) {
            switch contribution {
            case .message(let message): (form, content) = (.message, message.content)
            }
        }
    }
}

extension LogRecord {
    /// Appends the record of a draft, with its frame.
    ///
    /// - Returns: how many bytes it takes; nil, and nothing is appended, where it would be larger than a record may be.
    static func append(
        _ draft: Draft, sequence: UInt64, before: UInt64, storedAt: Int64, salt: UInt32, to bytes: inout [UInt8]
    ) -> Int? {
        let traits = draft.contribution.traits
        let fields = Fields(draft.contribution)
        let texts = [
            draft.topic.storedName, traits.id.text, traits.author, traits.recipient ?? "", fields.content,
        ]
        let hasKind = fields.form != .message
        let length = fixedBytes + texts.reduce(0) { $0 + $1.utf8.count } + (hasKind ? 1 + fields.rest.count : 0)
        guard length <= maximumBody else { return nil }
        var flags: UInt8 = draft.topic.kind == .inboxes ? Flag.inbox.rawValue : 0
        if traits.recipient != nil { flags |= Flag.recipient.rawValue }
        if hasKind { flags |= Flag.kind.rawValue }

        let start = bytes.count
        bytes.appendInteger(UInt32(length))
        bytes.appendInteger(UInt32(0))
        bytes.append(flags)
        bytes.appendInteger(sequence)
        bytes.appendInteger(before)
        bytes.appendInteger(storedAt)
        bytes.appendInteger(traits.timestamp.millisecondsSince1970)
        for text in texts { bytes.appendInteger(UInt32(text.utf8.count)) }
        for text in texts { bytes.append(contentsOf: text.utf8) }
        if hasKind { bytes.append(fields.form.rawValue) }
        bytes.append(contentsOf: fields.rest)
        seal(&bytes, from: start, salt: salt)
        return bytes.count - start
    }

    /// Writes the checksum of the record that begins at `start` and goes to the end.
    static func seal(_ bytes: inout [UInt8], from start: Int, salt: UInt32) {
        let checksum = checksum(bytes[start...], salt: salt)
        for position in 0..<4 { bytes[start + 4 + position] = UInt8(truncatingIfNeeded: checksum >> (8 * position)) }
    }

    /// The length of the body that a frame announces, and its checksum; nil for what can be no frame.
    static func frame(_ bytes: ArraySlice<UInt8>) -> (length: Int, checksum: UInt32)? {
        var rest = bytes
        guard let length = rest.popInteger(UInt32.self), let checksum = rest.popInteger(UInt32.self),
            (fixedBytes...maximumBody).contains(Int(length))
        else { return nil }
        return (Int(length), checksum)
    }

    /// Reads one whole record, frame and all; nil where anything is wrong with it.
    init?(_ bytes: ArraySlice<UInt8>, salt: UInt32) {
        guard let frame = Self.frame(bytes), bytes.count == Self.frameBytes + frame.length,
            // The fields first: this tells most of what is no record much faster than the checksum does.
            let record = LogRecord(body: bytes.dropFirst(Self.frameBytes)),
            Self.checksum(bytes, salt: salt) == frame.checksum
        else { return nil }
        self = record
    }

    private static func checksum(_ record: ArraySlice<UInt8>, salt: UInt32) -> UInt32 {
        CRC32C.checksum(record.dropFirst(frameBytes), seed: CRC32C.checksum(record.prefix(4), seed: salt))
    }
}

extension Topic {
    /// The name of the room or of the inbox's owner.
    var storedName: String {
        switch self {
        case .room(let room): room.text
        case .inbox(let owner): owner.text
        }
    }

    /// - Returns: nil for what is no name.
    init?(_ kind: Kind, storedName name: String) {
        let topic: Topic? =
            switch kind {
            case .rooms: (try? RoomName(name)).map(Topic.room)
            case .inboxes: (try? Username(name)).map(Topic.inbox)
            }
        guard let topic else { return nil }
        self = topic
    }
}

extension ArraySlice<UInt8> {
    /// Takes a little-endian integer off the front; nil where there are too few bytes.
    mutating func popInteger<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
        let size = Integer.bitWidth / 8
        guard count >= size else { return nil }
        defer { removeFirst(size) }
        return Integer(littleEndian: prefix(size).withUnsafeBytes { $0.loadUnaligned(as: Integer.self) })
    }
}

extension [UInt8] {
    mutating func appendInteger(_ integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
