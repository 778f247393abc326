/// What the server tells a client of `chat.v2`.
///
/// A client passes over events that it does not know, and so does the code here: who wants only some of them has a
/// `default` for all others, so that an event can be added by giving it its case, its type and its fields in this folder.
public enum V2Event: Equatable, Sendable {
    /// Always first.
    case welcome(V2Welcome)
    case chatMessage(V2Message)
    case privateMessage(V2PrivateMessage)
    /// The message is stored. A room's message names `room`; neither where something else is acknowledged.
    case ack(V2Ack)
    case joined(room: String, members: Int, lastSequence: UInt64, epoch: String)
    case left(room: String)
    case history(V2History)
    case inbox(V2Inbox)
    /// What was between `after` and `before` is gone for good.
    case gap(room: String, after: UInt64, before: UInt64)
    /// A part of the list. `total`: how long the whole is; nil where this is the whole.
    case userList(room: String?, users: [String], more: Bool = false, total: Int? = nil)
    case roomList([V2Room], more: Bool = false, total: Int? = nil)
    /// `members`: distinct users in the room afterwards; nil where nobody could count them.
    case userJoined(room: String, username: String, members: Int?, timestamp: String)
    case userLeft(room: String, username: String, members: Int?, timestamp: String)
    case roomMembers(room: String, members: Int, joined: Int, left: Int, timestamp: String)
    case typing(room: String, username: String, isTyping: Bool)
    /// What an administrator tells everybody. `timestamp`: RFC 3339 UTC with milliseconds.
    case announcement(content: String, timestamp: String)
    /// The token that the client has shown counts from now on.
    case authenticated(V2Authenticated)
    /// `code` is one of docs/chat-v2.md, “Errors”; `content` a sentence for people.
    case error(code: String, content: String, retryAfterMilliseconds: Int?)
    /// Come back after that delay, to any instance.
    case reconnect(reason: String, delayMilliseconds: Int)
}

/// An event with the reference of the request it answers, if it answers one.
public struct V2Frame: Equatable, Sendable {
    public var ref: String?
    public var event: V2Event

    public init(_ event: V2Event, ref: String? = nil) {
        self.ref = ref
        self.event = event
    }
}

public struct V2Welcome: Equatable, Sendable {
    public struct Limits: Equatable, Sendable {
        public var messageBytes: Int
        /// Zero: no limit.
        public var messagesPerWindow: Int
        public var windowSeconds: Int
        /// Of a whole frame, as it is sent. Zero: not told, as by servers of earlier versions.
        public var frameBytes: Int
        /// In how many rooms a session may be at a time. Zero: the server does not say.
        public var roomsPerSession: Int

        public init(
            messageBytes: Int, messagesPerWindow: Int, windowSeconds: Int, frameBytes: Int = 0, roomsPerSession: Int = 0
        ) {
            self.messageBytes = messageBytes
            self.messagesPerWindow = messagesPerWindow
            self.windowSeconds = windowSeconds
            self.frameBytes = frameBytes
            self.roomsPerSession = roomsPerSession
        }
    }

    public var username: String
    /// The secret that lets a later connection take this session over.
    public var session: String
    public var instance: String
    public var version: String
    /// Memberships. Nothing of a room is shown before the connection's own `join_room`.
    public var rooms: [String]
    public var limits: Limits

    public init(
        username: String, session: String, instance: String, version: String, rooms: [String], limits: Limits
    ) {
        self.username = username
        self.session = session
        self.instance = instance
        self.version = version
        self.rooms = rooms
        self.limits = limits
    }
}

/// A room's message. `timestamp`: RFC 3339 UTC with milliseconds.
public struct V2Message: Equatable, Sendable {
    public var id: String
    public var room: String
    public var sender: String
    public var content: String
    public var timestamp: String
    public var sequence: UInt64

    public init(id: String, room: String, sender: String, content: String, timestamp: String, sequence: UInt64) {
        self.id = id
        self.room = room
        self.sender = sender
        self.content = content
        self.timestamp = timestamp
        self.sequence = sequence
    }
}

public struct V2PrivateMessage: Equatable, Sendable {
    public var id: String
    public var sender: String
    public var to: String
    public var content: String
    public var timestamp: String
    /// Its place in the reader's own inbox.
    public var sequence: UInt64

    public init(id: String, sender: String, to: String, content: String, timestamp: String, sequence: UInt64) {
        self.id = id
        self.sender = sender
        self.to = to
        self.content = content
        self.timestamp = timestamp
        self.sequence = sequence
    }
}

public struct V2Ack: Equatable, Sendable {
    /// Nil where no message is acknowledged.
    public var id: String?
    /// Nil for a private message.
    public var room: String?
    public var sequence: UInt64?
    public var timestamp: String?
    /// The message was stored by an earlier try with the same id.
    public var isDuplicate: Bool

    public init(
        id: String? = nil, room: String? = nil, sequence: UInt64? = nil, timestamp: String? = nil,
        isDuplicate: Bool = false
    ) {
        self.id = id
        self.room = room
        self.sequence = sequence
        self.timestamp = timestamp
        self.isDuplicate = isDuplicate
    }
}

/// What a token gives its user.
public struct V2Authenticated: Equatable, Sendable {
    /// RFC 3339 UTC with milliseconds; nil: it does not expire.
    public var expiresAt: String?
    public var role: String
    /// Patterns of the rooms that may be read and written to; nil: all.
    public var rooms: [String]?
    /// Patterns of the rooms that may only be read; nil: none.
    public var readRooms: [String]?

    public init(expiresAt: String?, role: String, rooms: [String]? = nil, readRooms: [String]? = nil) {
        self.expiresAt = expiresAt
        self.role = role
        self.rooms = rooms
        self.readRooms = readRooms
    }
}

/// An entry of a room's log where it stands in a `history`.
public enum V2HistoryEntry: Equatable, Sendable {
    case message(V2Message)
    /// What is no message: the event by which it is shown live. A resume has such entries.
    indirect case event(V2Event)

    /// - Parameter event: the one by which the entry is shown live.
    public init(_ event: V2Event) {
        if case .chatMessage(let message) = event { self = .message(message) } else { self = .event(event) }
    }
}

public struct V2History: Equatable, Sendable {
    public var room: String
    /// Oldest first.
    public var entries: [V2HistoryEntry]
    /// In a resume: more frames follow. Otherwise: there is more in the direction asked for.
    public var more: Bool
    /// The server cannot prove that nothing was lost before the first message.
    public var truncated: Bool
    public var epoch: String

    /// Those of the entries that are messages.
    public var messages: [V2Message] {
        entries.compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    public init(room: String, messages: [V2Message], more: Bool, truncated: Bool, epoch: String) {
        self.init(
            room: room, entries: messages.map(V2HistoryEntry.message), more: more, truncated: truncated, epoch: epoch)
    }

    public init(room: String, entries: [V2HistoryEntry], more: Bool, truncated: Bool, epoch: String) {
        self.room = room
        self.entries = entries
        self.more = more
        self.truncated = truncated
        self.epoch = epoch
    }
}

public struct V2Inbox: Equatable, Sendable {
    public var messages: [V2PrivateMessage]
    public var more: Bool
    public var truncated: Bool
    public var epoch: String

    public init(messages: [V2PrivateMessage], more: Bool, truncated: Bool, epoch: String) {
        self.messages = messages
        self.more = more
        self.truncated = truncated
        self.epoch = epoch
    }
}

/// One line of the room list.
public struct V2Room: Equatable, Sendable {
    public var name: String
    public var members: Int

    public init(name: String, members: Int) {
        self.name = name
        self.members = members
    }
}
