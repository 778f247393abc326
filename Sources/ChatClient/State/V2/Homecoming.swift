/// What a new connection restores first: the rooms, one after another, and at the same time the inbox. Lines for a room
/// are sent only after the room is restored, since its log may show that they were stored.
struct Homecoming: Equatable, Sendable {
    /// What a reconnect recovered, for the user.
    struct Recovery: Equatable, Sendable {
        fileprivate(set) var messages = 0
        fileprivate(set) var isTruncated = false

        var words: String {
            var words = "reconnected"
            if messages > 0 { words += ", \(messages == 1 ? "1 message" : "\(messages) messages") recovered" }
            return isTruncated ? words + "; some may be missing" : words
        }
    }

    /// The room that is being entered again.
    private(set) var room: String?
    /// The rooms after it.
    private var next: [String]
    private(set) var hasInbox = false
    /// `nil` if there was nothing to recover, or it was reported.
    private var recovery: Recovery?

    /// - Parameter isReturn: whether there was a connection before, so that messages can be recovered.
    init(to room: String, then next: [String], isReturn: Bool) {
        self.room = room
        self.next = next
        recovery = isReturn ? Recovery() : nil
    }

    var isRecovering: Bool { recovery != nil }

    /// Another room is entered instead of the planned one.
    mutating func turn(to room: String) { self.room = room }

    /// The room is not entered again.
    mutating func skip(_ room: String) { next.removeAll { $0 == room } }

    /// The room was entered again, or cannot be.
    /// - Returns: the next room to enter, if there is one.
    mutating func goOn() -> String? {
        room = next.isEmpty ? nil : next.removeFirst()
        return room
    }

    mutating func inboxIsBack() { hasInbox = true }

    /// A missed message was shown. `room`: its room; `nil`: the inbox.
    mutating func recovered(in room: String?) {
        if room == nil || room == self.room { recovery?.messages += 1 }
    }

    /// The server cannot prove that nothing is missing.
    mutating func isTruncated() { recovery?.isTruncated = true }

    /// What was recovered, returned once, when everything is restored.
    mutating func finish() -> Recovery? {
        guard room == nil, next.isEmpty, hasInbox else { return nil }
        defer { recovery = nil }
        return recovery
    }
}
