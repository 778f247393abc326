/// One thing that happened to one client, as the client saw it.
///
/// Frequent events are small; the others are boxed.
enum Event: Equatable, Sendable {
    // MARK: Connection

    case connecting(address: String)
    /// The server's `welcome`; for classic clients the upgrade.
    indirect case connected(address: String, instance: String)
    indirect case disconnected(Disconnection)
    /// Every room that the client is in has been resumed after connecting.
    case ready

    // MARK: Sending

    /// The message was handed to the socket. Recorded again for each retry.
    case sent(Message)
    indirect case acked(Acknowledgement)
    /// The server refused the message; final if the client gives it up.
    indirect case refused(id: String, code: String, isFinal: Bool)

    // MARK: Rooms

    /// `join_room` was sent; ``entered(_:)`` follows.
    indirect case entering(room: String)
    /// `leave_room` was sent; ``left(room:)`` follows.
    indirect case leaving(room: String)
    /// The server's `joined`, and what the client had asked for.
    indirect case entered(Entrance)
    indirect case left(room: String)
    /// A live message.
    case shown(Sighting)
    /// A part of the history between `joined` and the live messages.
    indirect case recovered(Page)
    /// The reply to a `history` request.
    indirect case paged(Page, PageRequest)
    indirect case gap(room: String, after: UInt64, before: UInt64)

    // MARK: Private messages

    indirect case inbox(Page, after: UInt64?, epoch: String?)
    case whispered(Sighting)

    // MARK: Others

    indirect case notice(room: String, user: String, isJoin: Bool)
    /// Merged notices of a large room.
    indirect case merged(room: String, joined: Int, left: Int)
    /// The users of a room, or of all rooms.
    indirect case users(room: String?, [String])
    indirect case rooms([String: Int])
    /// A message that a classic client got.
    indirect case overheard(room: String, sender: String, content: String)
    /// From now on the client intentionally reads nothing for this long.
    case slow(Duration)
    /// A frame that does not belong to the protocol.
    indirect case unexpected(String)
}

/// How a connection ended, or why none could be made.
struct Disconnection: Equatable, Sendable {
    enum Cause: String, Sendable {
        /// The client said goodbye with 1000: its session is over.
        case quit
        /// The client dropped the connection without a goodbye, and will come back.
        case dropped
        /// The client did not cause it: the server closed the connection, or died.
        case lost
        /// No connection could be made.
        case unreachable
        /// The name was refused, or taken over.
        case nameTaken
    }

    var cause: Cause
    var address: String
    var words: String
}

struct Acknowledgement: Equatable, Sendable {
    var id: String
    /// Nil for a private message.
    var room: String?
    var sequence: UInt64
    var isDuplicate: Bool
}

/// An answered `join_room`.
struct Entrance: Equatable, Sendable {
    var room: String
    /// The place where the client had stopped, if it resumed.
    var after: UInt64?
    var askedEpoch: String?
    /// The number of latest messages that it asked for, if it did not resume.
    var history: Int
    var keepsOthers: Bool
    var lastSequence: UInt64
    var epoch: String

    /// Whether the server continues where the client had stopped. Otherwise one frame with the latest messages follows,
    /// and not everything since.
    var goesOn: Bool { after.map { $0 <= lastSequence && epoch == askedEpoch } ?? false }
}

/// A `history` or `inbox` frame. `room` is empty for an inbox.
struct Page: Equatable, Sendable {
    var room: String
    var epoch: String
    var messages: [Sighting]
    var more: Bool
    var truncated: Bool
}

/// The fields of a `history` request.
struct PageRequest: Equatable, Sendable {
    enum Direction: String, Sendable {
        case before
        case after
    }

    var direction: Direction
    var from: UInt64
    var limit: Int
    /// The last sequence the client had seen in the room when it asked.
    var cursor: UInt64
}
