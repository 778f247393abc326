/// Where something is said: in a room, or between the user and one other.
enum Place: Hashable, Sendable {
    case room(String)
    case user(String)

    var name: String {
        switch self {
        case .room(let name), .user(let name): name
        }
    }
}

/// A message as the server told it; nothing in it has been made safe yet.
struct Said: Equatable, Sendable {
    var place: Place
    var sender: String
    var content: String
    /// As the server wrote it.
    var timestamp: String
    /// Its place in the room's log, or in the inbox.
    var sequence: UInt64?
    /// It came as it was said, and not from the log later.
    var isLive = true
}

/// Something that happened, with all that a view with windows wants to know about it. For lines of text it is turned into
/// words; see ``inLines``.
enum Happening: Equatable, Sendable {
    case said(Said)
    /// One's own message waits to be stored. `isOffline`: there is no connection.
    case pending(id: String, Place, content: String, isOffline: Bool)
    /// It is stored (classic: handed to the socket).
    case stored(id: String, Place, content: String, timestamp: String?, sequence: UInt64?)
    /// It will not be sent any more; why, in words. `line` is what was typed.
    case failed(id: String, Place, content: String, line: String, reason: String)
    /// One's own message that another connection had sent.
    case sentElsewhere(Said)
    /// The server takes long to store this.
    case slow(line: String)
    /// The server confirmed that the user is in a room. `isNew`: it is another one than before, or the first.
    case entered(room: String, username: String, members: Int, isNew: Bool, isReturn: Bool)
    case left(room: String)
    /// Somebody else came or went.
    case came(username: String, room: String, members: Int?)
    case went(username: String, room: String, members: Int?)
    /// Comings and goings of a large room, in words and in numbers.
    case crowd(room: String, members: Int, words: String)
    case members(room: String, count: Int)
    case typing(room: String, username: String, isTyping: Bool)
    /// Messages before those shown, oldest first. `more`: there are even older ones. `words` announce them in a pipe.
    case older(room: String, [Said], more: Bool, words: String)
    /// Whether there is anything before what a room shows.
    case hasOlder(room: String, Bool)
    /// Something may be missing in a room.
    case gap(room: String, words: String)
    /// A room's log is another one than before: what comes has nothing to do with the numbers of what was shown.
    case begunAnew(room: String, words: String)
    /// Who is in a room; nobody asked for it aloud.
    case names(room: String, [String])
    case roomNames([String])
    /// A connection could not be made, or was lost; what happens next, in words.
    case offline(words: String)
    /// Everything is as it was.
    case recovered(words: String)
}

extension Happening {
    /// The same in a line or two of text, for a client without windows.
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
        case .sentElsewhere(let said): return [.sentPrivately(to: said.place.name, content: said.content)]
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
