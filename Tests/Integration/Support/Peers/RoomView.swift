import Wire

/// What one connection of `chat.v2` was shown of one room, held against the guarantees of docs/protocol.md.
///
/// `faults` is empty where the messages came in strictly increasing order, each once, and each first `ack` in its place.
struct RoomView: Sendable {
    struct Message: Equatable, Sendable {
        var sequence: UInt64
        var id: String
    }

    /// What was shown, and what was acknowledged as new, in the order in which it came.
    private(set) var messages: [Message] = []
    private(set) var gaps: [(after: UInt64, before: UInt64)] = []
    private(set) var faults: [String] = []
    /// A history frame said that something may be missing.
    private(set) var isTruncated = false

    /// Since the latest `joined`.
    private var cursor: UInt64 = 0
    private var shown: Set<String> = []
    private var isReading = false

    var sequences: [UInt64] { messages.map(\.sequence) }
    var ids: [String] { messages.map(\.id) }

    /// - Parameter position: where the client stood before the first of `frames`.
    init(of room: String, in frames: [V2Frame], after position: UInt64 = 0) {
        cursor = position
        // What was looked up moves nothing.
        for frame in frames {
            if case .history = frame.event, frame.ref != nil { continue }
            take(frame.event, of: room)
        }
    }

    private mutating func take(_ event: V2Event, of room: String) {
        switch event {
        case .joined(room, _, _, _):
            isReading = true
        case .left(room):
            isReading = false
            (cursor, shown) = (0, [])
        case .history(let history) where history.room == room:
            isTruncated = isTruncated || history.truncated
            for message in history.messages { show(message.sequence, message.id, "history") }
        case .chatMessage(let message) where message.room == room:
            if !isReading { faults.append("a message before joined: \(message.sequence)") }
            show(message.sequence, message.id, "message")
        case .ack(let ack) where ack.room == room && !ack.isDuplicate:
            // One that its resume has settled already moves nothing.
            guard let sequence = ack.sequence, let id = ack.id, !shown.contains(id), isReading else { return }
            show(sequence, id, "ack")
        case .gap(room, let after, let before):
            gaps.append((after, before))
            if after < cursor { faults.append("a gap after \(after) behind \(cursor)") }
        default:
            break
        }
    }

    private mutating func show(_ sequence: UInt64, _ id: String, _ kind: String) {
        if sequence <= cursor { faults.append("\(kind) \(sequence) behind \(cursor)") }
        if !shown.insert(id).inserted { faults.append("\(kind) \(sequence) shows \(id) again") }
        cursor = max(cursor, sequence)
        messages.append(Message(sequence: sequence, id: id))
    }
}

extension V2Client {
    func view(of room: String, after position: UInt64 = 0) -> RoomView {
        RoomView(of: room, in: frames, after: position)
    }
}
