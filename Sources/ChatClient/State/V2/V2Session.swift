import Wire

/// What a client of `chat.v2` knows of its session: across connections, and of the one it has.
struct V2Session: Sendable {
    /// How many rooms' places are remembered.
    static let mostRooms = 64

    // MARK: Across connections

    /// Lets the next connection take the session over. Never shown or stored.
    var secret: String?
    /// As the server writes it.
    var username: String
    var limits = V2Welcome.Limits(messageBytes: 0, messagesPerWindow: 0, windowSeconds: 0)
    /// A frame of so many bytes was closed with 1009, under these limits.
    var refusedFrameBytes: Int?
    private var rooms: [String: RoomReading] = [:]
    /// The rooms one is in besides the one entered last, in the order of entering.
    var kept: [String] = []
    var inbox = Cursor()
    /// Since when messages cannot be stored.
    var unavailableSince: Duration?

    // MARK: Of this connection

    /// The room that is being gone back to; what was said there is sent again only when this is over.
    var resuming: String?
    /// Rooms that are to be gone back to after that.
    var toResume: [String] = []
    /// Rooms whose members' names are to be asked for.
    var namesWanted: [String] = []
    var inboxStanding = InboxStanding.unknown
    /// What was recovered so far after a reconnect.
    var recovery: Recovery?
    /// Requests of the client itself that were not answered yet, and when they were sent.
    var asked: [Chore: Duration] = [:]
    var retries: [Lane: Retry] = [:]
    /// The server wants us to come back then.
    var comeBackAt: Duration?

    init(username: String) {
        self.username = username
    }

    /// The greatest frame that the server takes, in bytes. Those that do not tell are of earlier versions, which all have the
    /// same limit; the code of the close that follows a larger one can get lost with the connection.
    var frameLimit: Int {
        min(limits.frameBytes > 0 ? limits.frameBytes : FrameLimit.leastBytes, refusedFrameBytes.map { $0 - 1 } ?? .max)
    }

    subscript(room: String) -> RoomReading {
        get { rooms[room] ?? RoomReading() }
        set {
            if rooms[room] == nil, rooms.count >= Self.mostRooms,
                let forgotten = rooms.first(where: { $0.value.standing == .away })?.key
            {
                rooms[forgotten] = nil
            }
            rooms[room] = newValue
        }
    }

    /// Whoever enters a room without meaning to keep the others has left them.
    mutating func leaveAll(but room: String? = nil) {
        for name in rooms.keys where name != room { rooms[name]?.standing = .away }
    }

    mutating func connectionEnded() {
        leaveAll()
        resuming = nil
        toResume = []
        namesWanted = []
        inboxStanding = .unknown
        recovery = nil
        asked = [:]
        retries = [:]
        comeBackAt = nil
    }
}

/// One room as this client has read it.
struct RoomReading: Equatable, Sendable {
    enum Standing: Equatable, Sendable {
        case away
        /// Asked for, not entered.
        case entering
        /// Entered; what was missed is still coming.
        case catchingUp
        case live
    }

    var cursor = Cursor()
    var standing = Standing.away
    /// The log's head when the room was entered.
    var head: UInt64 = 0
    /// There was a place to go on from, so that something can be missing.
    var isResume = false
    /// What was missed comes in several parts. Otherwise one part comes, of which `more` means older messages.
    var isPaged = false
    /// The server cannot prove that nothing is missing.
    var isTruncated = false
    /// The log was begun anew, and the user was told.
    var isAnew = false
}

enum InboxStanding: Equatable, Sendable {
    case unknown
    case asked
    /// Live private messages come; or there is no inbox.
    case ready
}

/// What a reconnect brought back.
struct Recovery: Equatable, Sendable {
    var messages = 0
    var isTruncated = false
}

/// Requests that the client makes by itself, each under a reference of its own.
enum Chore: String, Hashable, Sendable {
    case resume
    case inbox
    case names
    case roomNames
}

/// Lines of one lane are sent one at a time, each after the server's answer to the one before.
enum Lane: Hashable, Sendable {
    case room(String)
    case privateMessages
    case questions
    case moves
    case chore(Chore)
}

/// A lane on which the server failed.
struct Retry: Equatable, Sendable {
    var backoff = Backoff()
    /// `nil`: it is being tried.
    var at: Duration?
}
