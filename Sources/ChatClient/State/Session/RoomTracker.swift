/// The user's rooms. In the classic dialect, which has one room at a time, they are learned from notices.
///
/// The only confirmation there is the notice `alice joined the room dev`, where alice is the user. Until it comes, the
/// requested room counts as entered, since the server handles the lines after the request in that room.
struct RoomTracker: Equatable, Sendable {
    /// The room in which every user begins, and to which a user returns.
    static let lobby = "global"

    /// The room that was entered last.
    private(set) var confirmed: String
    /// The other rooms, in the order of entering.
    private(set) var kept: [String] = []
    private var asked: String?
    /// Empty while only the server knows the name, from the token.
    private(set) var username: String

    init(username: String, room: String?) {
        self.username = username
        confirmed = room ?? Self.lobby
    }

    /// Takes the user's name from the notice that greets a classic connection, `alice joined the room global`, unless the
    /// name is known.
    mutating func learnName(from greeting: String) {
        guard username.isEmpty, let end = greeting.firstRange(of: " joined the room ")?.lowerBound else { return }
        username = String(greeting[..<end])
    }

    /// The room of the next message.
    var current: String { asked ?? confirmed }

    mutating func ask(for room: String) { asked = room }

    /// The server named the room explicitly, as `chat.v2` does.
    mutating func confirm(_ room: String) {
        confirmed = room
        if asked == room { asked = nil }
    }

    /// Whether the user is in that room.
    func contains(_ room: String) -> Bool { room == confirmed || kept.contains(room) }

    /// The user entered a room.
    /// - Parameter staying: whether the user stays in the other rooms.
    /// - Returns: the rooms that the user left by this.
    mutating func enter(_ room: String, staying: Bool) -> [String] {
        var left: [String] = []
        if staying {
            if confirmed != room { kept.append(confirmed) }
            kept.removeAll { $0 == room }
        } else {
            left = (kept + [confirmed]).filter { $0 != room }
            kept = []
        }
        confirm(room)
        return left
    }

    /// The user left one of several rooms. The one entered last of the others takes its place.
    /// - Returns: false if it was not one of several.
    mutating func leave(_ room: String) -> Bool {
        if kept.contains(room) {
            kept.removeAll { $0 == room }
            return true
        }
        guard room == confirmed, let other = kept.popLast() else { return false }
        confirm(other)
        return true
    }

    /// The requested room was not entered.
    mutating func refuse() { asked = nil }

    /// Takes a notice of the server.
    /// - Returns: whether it says that the user entered a room.
    mutating func hear(_ notice: String) -> Bool {
        let prefix = "\(username) joined the room "
        if notice.hasPrefix(prefix) {
            confirmed = String(notice.dropFirst(prefix.count))
            if asked == confirmed { asked = nil }
            return true
        }
        if !Self.isRoutine(notice) { asked = nil }  // the notice may be an error about the join
        return false
    }

    /// A new connection begins in the room where the last one wanted to be.
    mutating func reconnect() {
        confirmed = current
        asked = nil
    }

    private static func isRoutine(_ notice: String) -> Bool {
        notice.contains(" joined the room ") || notice.hasSuffix(" left the room") || isList(notice)
    }

    /// Whether the notice answers `/users` or `/rooms`.
    static func isList(_ notice: String) -> Bool {
        notice.hasPrefix("Active users:") || notice.hasPrefix("Available rooms:")
            || notice.hasPrefix("Users in ") && notice.contains(":")
    }
}
