import Wire

/// Replies of `chat.v2` in words.
enum V2Words {
    /// A list, or a part of one.
    /// - Parameter request: the request that it answers.
    static func list(_ event: V2Event, answering request: Request?) -> String? {
        switch event {
        case .userList(let room, let users, let more, let total):
            let title = room.map { "Users in \($0)" } ?? "Active users"
            let command = "/users" + (room.map { " \($0)" } ?? "")
            return "\(title): " + list(users, more, total, following: request?.listsAfter, command)
        case .roomList(let rooms, let more, let total):
            let names = rooms.map(\.name)
            return "Available rooms: " + list(names, more, total, following: request?.listsAfter, "/rooms")
        default: return nil
        }
    }

    /// - Parameters:
    ///   - total: the length of the whole list.
    ///   - start: the name after which this part begins. How many names come before it is not known.
    ///   - command: the command that asks for the list.
    private static func list(
        _ names: [String], _ more: Bool, _ total: Int?, following start: String?, _ command: String
    ) -> String {
        let list = names.joined(separator: ", ")
        guard more, let last = names.last else { return list }
        let count: String
        if let total, total > names.count {
            count = start == nil ? "\(total - names.count) more" : "more, \(total) in all"
        } else {
            count = "more"
        }
        return "\(list) … and \(count) (\(command) after \(last) for the next)"
    }

    /// The line that announces a page of older messages.
    static func older(_ history: V2History) -> String {
        let count = history.messages.count
        if count == 0 { return "there are no older messages in \(history.room)" }
        let title = "\(count == 1 ? "1 older message" : "\(count) older messages") in \(history.room)"
        return history.more ? title : title + "; there is nothing before them"
    }

    static func begunAnew(_ room: String) -> Happening {
        .begunAnew(room: room, words: "the messages of \(room) were begun anew; some may be missing")
    }

    static func mayBeMissing(_ room: String) -> Happening {
        .gap(room: room, words: "some messages of \(room) may be missing")
    }
}

extension Request {
    fileprivate var listsAfter: String? {
        switch self {
        case .users(_, let after), .rooms(let after): after
        case .say, .tell, .join, .leave, .part, .history: nil
        }
    }
}

extension Said {
    init(_ message: V2PrivateMessage, with user: String) {
        self.init(
            place: .user(user), sender: message.sender, content: message.content, timestamp: message.timestamp,
            sequence: message.sequence)
    }

    init(_ message: V2Message, isLive: Bool) {
        self.init(
            place: .room(message.room), sender: message.sender, content: message.content,
            timestamp: message.timestamp, sequence: message.sequence, isLive: isLive)
    }
}
