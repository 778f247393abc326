/// Where a message belongs: to a room, or to the conversation with one user.
enum Place: Hashable, Sendable {
    case room(String)
    case user(String)

    var name: String {
        switch self {
        case .room(let name), .user(let name): name
        }
    }
}

/// A message as the server sent it; strangers' words in it have not been made safe.
struct Said: Equatable, Sendable {
    var place: Place
    var sender: String
    var content: String
    /// In the server's format.
    var timestamp: String
    /// The place in the log of the room or inbox.
    var sequence: UInt64?
    /// Whether it came live, and not in a history.
    var isLive = true
}

/// An event with everything that a view with windows shows of it. ``inLines`` turns it into lines of text.
enum Happening: Equatable, Sendable {
    case said(Said)
    /// The user's own message waits to be stored. `isOffline`: whether there is no connection.
    case pending(id: String, Place, content: String, isOffline: Bool)
    /// The message is stored (classic: handed to the socket).
    case stored(id: String, Place, content: String, timestamp: String?, sequence: UInt64?)
    /// The message will not be sent any more, and the reason. `line` is what was typed.
    case failed(id: String, Place, content: String, line: String, reason: String)
    /// The user's own message that another session of the user sent, or an earlier connection of this one.
    case sentElsewhere(Said)
    /// The server takes long to store this line.
    case slow(line: String)
    /// The server confirmed that the user is in a room. `isNew`: whether the user was not in it before.
    case entered(room: String, username: String, members: Int, isNew: Bool, isReturn: Bool)
    case left(room: String)
    /// Another user joined or left.
    case came(username: String, room: String, members: Int?)
    case went(username: String, room: String, members: Int?)
    /// The joins and leaves of a large room, as a sentence and in numbers.
    case crowd(room: String, members: Int, words: String)
    case members(room: String, count: Int)
    case typing(room: String, username: String, isTyping: Bool)
    /// Messages before those shown, oldest first. `more`: whether there are older ones. `words` announce them in a
    /// pipe.
    case older(room: String, [Said], more: Bool, words: String)
    /// Whether the room has messages before those shown.
    case hasOlder(room: String, Bool)
    /// Messages of a room may be missing.
    case gap(room: String, words: String)
    /// A room's log was replaced, so the sequence numbers of shown messages mean nothing any more.
    case begunAnew(room: String, words: String)
    /// The members of a room, requested by the client itself and not by the user.
    case names(room: String, [String])
    case roomNames([String])
    /// A connection was lost or could not be made; the words say what happens next.
    case offline(words: String)
    /// Everything is as it was before the outage.
    case recovered(words: String)
}

extension Happening {
    /// The same as lines of text, for a client without windows.
    var inLines: [Output] {
        switch self {
        case .said(let said):
            let time = ShownTime.text(said.timestamp)
            return switch said.place {
            case .room(let room):
                [.message(timestamp: time, room: room, sender: said.sender, content: said.content)]
            case .user: [.privateMessage(timestamp: time, sender: said.sender, content: said.content)]
            }
        case .stored(id: _, .room(let room), let content, timestamp: _, sequence: _):
            return [.sent(room: room, content: content)]
        case .stored(id: _, .user(let user), let content, timestamp: _, sequence: _):
            return [.sentPrivately(to: user, content: content)]
        case .sentElsewhere(let said):
            return switch said.place {
            case .room(let room): [.sent(room: room, content: said.content)]
            case .user(let user): [.sentPrivately(to: user, content: said.content)]
            }
        case .pending(_, _, let content, let isOffline): return isOffline ? [.waiting(content)] : []
        case .slow(let line): return [.waiting(line)]
        case .failed(id: _, _, content: _, let line, let reason): return [.failed(line: line, reason: reason)]
        case .entered(let room, let username, members: _, let isNew, let isReturn):
            if isReturn { return [] }
            return isNew ? [.system("\(username) joined the room \(room)")] : [.status("you are in the room \(room)")]
        case .came(let username, let room, members: _): return [.system("\(username) joined the room \(room)")]
        case .went(let username, let room, members: _): return [.system("\(username) left the room \(room)")]
        case .crowd(room: _, members: _, let words): return [.system(words)]
        case .older(room: _, let messages, more: _, let words):
            return [.status(words)] + messages.flatMap { Happening.said($0).inLines }
        case .gap(room: _, let words), .begunAnew(room: _, let words), .offline(let words), .recovered(let words):
            return [.status(words)]
        case .left, .members, .typing, .names, .roomNames, .hasOlder: return []
        }
    }
}
