public import Domain

/// One entry of a topic's log, as it comes in live or is read back.
public struct LogEntry: Equatable, Sendable {
    public let topic: Topic
    public let sequence: SequenceNumber
    /// The topic's entry before this one, where the log says so; nil where it cannot (a topic's first entry, or the one
    /// before it is gone).
    public let previous: SequenceNumber?
    /// What is shown; nil for what nobody can read, which takes a place in the log all the same.
    public let event: RoomEvent?

    public init(topic: Topic, sequence: SequenceNumber, previous: SequenceNumber?, event: RoomEvent?) {
        self.topic = topic
        self.sequence = sequence
        self.previous = previous
        self.event = event
    }

    /// About how much room the entry takes in a frame, in bytes: never less than it does.
    public var frameSize: Int {
        switch event {
        case .message(let message):
            Self.frameSize(message.id, message.sender, message.room.text, message.content)
        case .privateMessage(let message):
            Self.frameSize(message.id, message.sender, message.recipient, message.content)
        default: 0
        }
    }

    private static func frameSize(_ id: MessageID, _ texts: String...) -> Int {
        // 160: the names of the fields, the time and the number.
        texts.reduce(160 + escapedSize(id.text)) { $0 + escapedSize($1) }
    }

    /// RFC 8259 §7: a control character takes six bytes, a quote or a backslash two.
    private static func escapedSize(_ text: String) -> Int {
        text.utf8.reduce(0) { size, byte in
            size + (byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1)
        }
    }
}
