/// What a connection brings back first: the rooms, one after the other, and meanwhile the inbox. What was typed for a room is
/// sent only when the room has come back, since the log may show that it was stored.
struct Homecoming: Equatable, Sendable {
    /// What a reconnect recovered.
    struct Recovery: Equatable, Sendable {
        fileprivate(set) var messages = 0
        fileprivate(set) var isTruncated = false

        var words: String {
            var words = "reconnected"
            if messages > 0 { words += ", \(messages == 1 ? "1 message" : "\(messages) messages") recovered" }
            return isTruncated ? words + "; some may be missing" : words
        }
    }

    /// The room that is being gone back to.
    private(set) var room: String?
    /// Those that come after it.
    private var next: [String]
    private(set) var hasInbox = false
    /// `nil` where there was nothing to go back to, or it was told.
    private var recovery: Recovery?

    /// - Parameter isReturn: there was a connection before, so that something can be recovered.
    init(to room: String, then next: [String], isReturn: Bool) {
        self.room = room
        self.next = next
        recovery = isReturn ? Recovery() : nil
    }

    var isRecovering: Bool { recovery != nil }

    /// Another room than planned is the one to go to.
    mutating func turn(to room: String) { self.room = room }

    /// This one is not gone back to any more.
    mutating func skip(_ room: String) { next.removeAll { $0 == room } }

    /// The room has come back, or cannot.
    /// - Returns: the room to go to now, if there is another.
    mutating func goOn() -> String? {
        room = next.isEmpty ? nil : next.removeFirst()
        return room
    }

    mutating func inboxIsBack() { hasInbox = true }

    /// A message was shown that had been missed; `room`: where, `nil` for the inbox.
    mutating func recovered(in room: String?) {
        if room == nil || room == self.room { recovery?.messages += 1 }
    }

    /// The server cannot prove that nothing is missing.
    mutating func isTruncated() { recovery?.isTruncated = true }

    /// What was recovered, once, when everything is as before.
    mutating func finish() -> Recovery? {
        guard room == nil, next.isEmpty, hasInbox else { return nil }
        defer { recovery = nil }
        return recovery
    }
}
