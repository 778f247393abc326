/// What a client of `chat.v2` asks for.
///
/// Names, ids and texts are as the client sent them: the server validates them on the way in.
public enum V2Command: Equatable, Sendable {
    /// Say `content` in `room`, by default the current one. `id` makes a retry known as one.
    case chatMessage(content: String, room: String?, id: String?)
    case joinRoom(V2Join)
    /// Leave `room`, by default the current one.
    case leaveRoom(String?)
    /// All active users, or those of `room`.
    case listUsers(room: String?, V2ListRange = V2ListRange())
    case listRooms(V2ListRange = V2ListRange())
    case privateMessage(to: String, content: String, id: String?)
    /// Read the own private messages, and hear new ones from then on.
    case inbox(resume: V2Position?, limit: Int?)
    /// Read older messages of a room, or newer ones.
    case history(room: String, V2HistoryRange, limit: Int?)
    case typing(isTyping: Bool, room: String?)
    case authenticate(token: String)
}

/// How a room is entered.
public struct V2Join: Equatable, Sendable {
    public var room: String
    /// Where the client stopped reading; nil for one that has seen nothing.
    public var resume: V2Position?
    /// How many of the latest messages to show first, 0–100; ignored with `resume`. Nil: 50.
    public var history: Int?
    /// Keep the other rooms.
    public var stay: Bool

    public init(room: String, resume: V2Position? = nil, history: Int? = nil, stay: Bool = false) {
        self.room = room
        self.resume = resume
        self.history = history
        self.stay = stay
    }
}

/// A place in a log, with the log's incarnation it belongs to.
public struct V2Position: Equatable, Sendable {
    public var after: UInt64
    public var epoch: String?

    public init(after: UInt64, epoch: String?) {
        self.after = after
        self.epoch = epoch
    }
}

/// Which part of a list is asked for.
public struct V2ListRange: Equatable, Sendable {
    /// The name after which it begins, or any other text; nil: from the beginning.
    public var after: String?
    /// At most so many, 1–1000. Nil: 1000.
    public var limit: Int?

    public init(after: String? = nil, limit: Int? = nil) {
        self.after = after
        self.limit = limit
    }
}

/// Which part of a room's history is asked for.
public enum V2HistoryRange: Equatable, Sendable {
    case latest
    case before(UInt64)
    case after(UInt64)
}

/// A command with the reference that its reply carries back.
public struct V2Request: Equatable, Sendable {
    /// Greatest length of a reference, in characters.
    public static let maximumReferenceLength = 64

    public var ref: String?
    public var command: V2Command

    public init(_ command: V2Command, ref: String? = nil) {
        self.ref = ref
        self.command = command
    }
}

/// Why a frame is no request. The peer's mistake: answered with an `error`, and nothing changes.
public struct V2DecodingError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case notAnObject
        case unknownType(String)
        /// A field is missing, or is not what it must be; in words.
        case badField(String)
    }

    public let reason: Reason
    /// The request's reference, where it could be read.
    public let ref: String?
}
