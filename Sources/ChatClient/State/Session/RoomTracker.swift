/// Which rooms one is in; in the classic dialect, which has one at a time, learnt from the server's notices.
///
/// That dialect names the room nowhere else: `alice joined the room dev`, where alice is oneself, is the only
/// confirmation of a join. A room asked for is believed until then, since what is sent right after it will be said there.
struct RoomTracker: Equatable, Sendable {
    /// Everyone starts here, and comes back here.
    static let lobby = "global"

    /// The one entered last.
    private(set) var confirmed: String
    /// The others, in the order of entering.
    private(set) var kept: [String] = []
    private var asked: String?
    private let username: String

    init(username: String, room: String?) {
        self.username = username
        confirmed = room ?? Self.lobby
    }

    /// Where the next message will be said.
    var current: String { asked ?? confirmed }

    mutating func ask(for room: String) { asked = room }

    /// The server said so outright, as `chat.v2` does.
    mutating func confirm(_ room: String) {
        confirmed = room
        if asked == room { asked = nil }
    }

    /// One is in that room, whichever was entered last.
    func contains(_ room: String) -> Bool { room == confirmed || kept.contains(room) }

    /// The room was entered.
    /// - Parameter staying: in the others as well.
    /// - Returns: the rooms that one was in and is no more.
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

    /// One of several rooms was left; of those that remain the one entered last takes its place.
    /// - Returns: false where it was not one of several.
    mutating func leave(_ room: String) -> Bool {
        if kept.contains(room) {
            kept.removeAll { $0 == room }
            return true
        }
        guard room == confirmed, let other = kept.popLast() else { return false }
        confirm(other)
        return true
    }

    /// The room asked for was not entered.
    mutating func refuse() { asked = nil }

    /// Takes a server's notice.
    /// - Returns: whether the notice is about oneself entering a room.
    mutating func hear(_ notice: String) -> Bool {
        let prefix = "\(username) joined the room "
        if notice.hasPrefix(prefix) {
            confirmed = String(notice.dropFirst(prefix.count))
            if asked == confirmed { asked = nil }
            return true
        }
        if !Self.isRoutine(notice) { asked = nil }  // an error in words: the join may have been refused
        return false
    }

    /// A new connection starts where the last one wanted to be.
    mutating func reconnect() {
        confirmed = current
        asked = nil
    }

    private static func isRoutine(_ notice: String) -> Bool {
        notice.contains(" joined the room ") || notice.hasSuffix(" left the room") || isList(notice)
    }

    /// An answer to `/users` or `/rooms`.
    static func isList(_ notice: String) -> Bool {
        notice.hasPrefix("Active users:") || notice.hasPrefix("Available rooms:")
            || notice.hasPrefix("Users in ") && notice.contains(":")
    }
}
