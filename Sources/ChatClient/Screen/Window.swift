/// One room or one private conversation on the screen.
struct Window: Sendable {
    /// The place of the pane's last row in the scrollback.
    struct Bottom: Equatable, Sendable {
        var line: Int
        /// How many of the line's last rows are below the pane.
        var hiddenRows: Int
    }

    enum Older: Equatable, Sendable {
        case possible
        case asked
        /// The room's first messages are loaded.
        case none
    }

    struct Pending: Equatable, Sendable {
        var id: String
        var text: String
        var time: Int64
    }

    static let mostNames = 1_000
    static let mostFailed = 100

    let place: Place
    /// Whether the user is in the room, or has not closed the conversation.
    var isOpen: Bool
    var scrollback = Scrollback()
    /// The user's own messages that are not stored yet, in their order. They are shown below all stored ones.
    var pending: [Pending] = []
    /// The user's messages that were not sent and can be sent again.
    var failed: [String] = []
    /// `nil`: the view follows the end.
    var bottom: Bottom?
    var unread = 0
    var mentions = 0
    /// The last line that existed when the user looked away.
    var lastRead: Int?
    var draft = EditBuffer()
    var members: Int?
    /// Names for Tab completion; the user who spoke last comes first.
    var names: [String] = []
    /// Users who are writing, and the time until which that is assumed.
    var typing: [String: Duration] = [:]
    var older = Older.possible
    /// Whether to scroll to the top when the requested older messages arrive.
    var goesToOlder = false
    /// The joins and leaves in the last line.
    var notices: NoticeRun?
    /// Whether the last line says that there is no connection.
    var endsOffline = false
    /// The line that the last search found.
    var found: Int?

    init(_ place: Place, isOpen: Bool) {
        self.place = place
        self.isOpen = isOpen
        if case .user = place { older = .none }
    }

    /// The number after the last line's, pending lines included.
    var end: Int { scrollback.end + pending.count }

    /// A line of the scrollback, or a pending one, which comes after it.
    func line(_ number: Int) -> ScrollbackLine? {
        if number < scrollback.end { return scrollback[number] }
        let index = number - scrollback.end
        guard pending.indices.contains(index) else { return nil }
        return ScrollbackLine(kind: .pending, time: pending[index].time, text: pending[index].text)
    }

    /// The name in lists and in the status line.
    var title: String {
        switch place {
        case .room(let name): ShownName.text(name)
        case .user(let name): "@" + ShownName.text(name)
        }
    }

    mutating func append(_ line: ScrollbackLine) {
        scrollback.append(line)
        notices = nil
        endsOffline = false
    }

    /// Notes a user who has just spoken.
    mutating func know(_ name: String) {
        if names.first == name { return }
        names.removeAll { $0 == name }
        names.insert(name, at: 0)
        if names.count > Self.mostNames { names.removeLast() }
    }

    /// Notes a user who entered and has not spoken yet.
    mutating func meet(_ name: String) {
        if names.count < Self.mostNames, !names.contains(name) { names.append(name) }
    }

    mutating func fail(_ text: String) {
        failed.append(text)
        if failed.count > Self.mostFailed { failed.removeFirst() }
    }
}
