/// Why the server did not do what a client asked: a code for programs, a sentence for people, and the cause for the log.
///
/// The sentence goes to the client, so it holds no address, path or secret; the cause never leaves the process.
public struct ChatError: Error, Sendable {
    /// What went wrong, as docs/chat-v2.md lists it.
    public enum Code: String, Sendable, CaseIterable {
        case badRequest = "bad_request"
        case unknownType = "unknown_type"
        case messageTooLong = "message_too_long"
        case emptyMessage = "empty_message"
        case invalidRoom = "invalid_room"
        case invalidUsername = "invalid_username"
        case usernameTaken = "username_taken"
        case notInRoom = "not_in_room"
        case noSuchUser = "no_such_user"
        case tooManyRooms = "too_many_rooms"
        case rateLimited = "rate_limited"
        /// The outcome is not known: it may have happened. Asking again is safe.
        case unavailable
        case forbidden
        /// The token is not valid, or not any more.
        case invalidToken = "invalid_token"
        /// The token of the connection has expired; the connection ends soon if its client shows no other one.
        case tokenExpired = "token_expired"
        case `internal`
    }

    public let code: Code
    public let message: String
    /// When it is worth asking again; nil where nobody can tell.
    public let retryAfter: Duration?
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, retryAfter: Duration? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.cause = cause
    }
}

extension ChatError {
    public static func invalidRoom(_ rule: NameError) -> ChatError {
        ChatError(.invalidRoom, "room name \(rule)")
    }

    public static func invalidUsername(_ rule: NameError) -> ChatError {
        ChatError(.invalidUsername, "username \(rule)")
    }

    public static func notInRoom(_ room: RoomName) -> ChatError {
        ChatError(.notInRoom, "you are not in the room \(room)")
    }

    /// - Parameter limit: in how many rooms a session may be.
    public static func tooManyRooms(limit: Int) -> ChatError {
        ChatError(.tooManyRooms, "you may be in \(limit == 1 ? "1 room" : "\(limit) rooms") at a time; leave one first")
    }

    public static let tokenExpired = ChatError(.tokenExpired, "your token has expired, authenticate with another one")
    /// - Parameter limit: how many sessions may share a name.
    public static func tooManySessions(limit: Int) -> ChatError {
        ChatError(.usernameTaken, "too many sessions of this user: at most \(limit) at a time")
    }

    public static let usernameTaken = ChatError(.usernameTaken, "username already exists")
}
