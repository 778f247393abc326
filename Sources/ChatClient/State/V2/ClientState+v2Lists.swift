import Wire

/// Lists, which may come in parts.
extension ClientState {
    mutating func listed(_ event: V2Event, for number: Int?, at now: Duration) -> [ClientEffect] {
        let request = number.flatMap { settled(with: $0, at: now) }?.request
        let words: String
        switch event {
        case .userList(let room, let users, let more, let total):
            let title = room.map { "Users in \($0)" } ?? "Active users"
            let command = "/users" + (room.map { " \($0)" } ?? "")
            words = "\(title): " + Self.list(users, more, total, following: request?.listsAfter, command)
        case .roomList(let rooms, let more, let total):
            words =
                "Available rooms: "
                + Self.list(rooms.map(\.name), more, total, following: request?.listsAfter, "/rooms")
        default: return proceed(at: now)
        }
        return [.show(.system(words))] + proceed(at: now)
    }

    /// - Parameters:
    ///   - total: how long the whole list is.
    ///   - start: the name after which this part begins; how much came before it nobody has said.
    ///   - command: how to ask for the list.
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
}

extension Request {
    fileprivate var listsAfter: String? {
        switch self {
        case .users(_, let after), .rooms(let after): after
        case .say, .tell, .join, .leave, .part, .history: nil
        }
    }
}
