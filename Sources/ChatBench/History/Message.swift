import Synchronization
import Wire

/// A message as a client sent or saw it. Two messages are equal if all their bytes are.
///
/// A class, so that a million deliveries of ten thousand messages cost one reference each: everything that is recorded
/// goes through ``MessageTable``, which makes equal messages one object.
final class Message: Sendable, Hashable {
    /// The room or the inbox of the message.
    enum Place: Hashable, Sendable {
        case room(String)
        /// A private message, to this user.
        case user(String)
    }

    let id: String
    let place: Place
    let sender: String
    let content: String

    init(id: String, place: Place, sender: String, content: String) {
        self.id = id
        self.place = place
        self.sender = sender
        self.content = content
    }

    var room: String? { if case .room(let room) = place { room } else { nil } }
    var recipient: String? { if case .user(let user) = place { user } else { nil } }

    static func == (left: Message, right: Message) -> Bool {
        left === right
            || left.id.hasSameBytes(as: right.id) && left.place == right.place
                && left.sender.hasSameBytes(as: right.sender) && left.content.hasSameBytes(as: right.content)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(ExactKey(id)) }
}

/// A message with its place in the order of a room, or of an inbox.
struct Sighting: Equatable, Sendable {
    var message: Message
    var sequence: UInt64
}

/// Gives equal messages one object. Grows with the number of different messages; any thread may use it.
final class MessageTable: Sendable {
    private let messages = Mutex<Set<Message>>([])

    func canonical(_ message: Message) -> Message {
        messages.withLock { messages in messages.insert(message).memberAfterInsert }
    }
}
