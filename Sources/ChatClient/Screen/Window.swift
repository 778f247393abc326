/// One room, or one private conversation, as the screen has it.
struct Window: Sendable {
    /// Where in the scrollback the pane's last row is.
    struct Bottom: Equatable, Sendable {
        var line: Int
        /// How many of the line's last rows are below the pane.
        var hiddenRows: Int
    }

    enum Older: Equatable, Sendable {
        case possible
        case asked
        /// The room's beginning is loaded.
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
    /// One is in the room, or the conversation was not closed.
    var isOpen: Bool
    var scrollback = Scrollback()
    /// One's own that are not stored yet, in their order. They stand below all that is stored.
    var pending: [Pending] = []
    /// What was not sent and can be again.
    var failed: [String] = []
    /// `nil`: the end is shown, and what comes is.
    var bottom: Bottom?
    var unread = 0
    var mentions = 0
    /// The last line that was there when the user looked away.
    var lastRead: Int?
    var draft = EditBuffer()
    var members: Int?
    /// Who can be meant by the beginning of a name; who spoke last comes first.
    var names: [String] = []
    /// Who is writing, and until when that is believed.
    var typing: [String: Duration] = [:]
    var older = Older.possible
    /// The beginning is to be shown when the older messages have come.
    var goesToOlder = false
    /// The comings and goings in the last line.
    var notices: NoticeRun?
    /// The last line says that there is no connection.
    var endsOffline = false
    /// The line that was looked for.
    var found: Int?

    init(_ place: Place, isOpen: Bool) {
        self.place = place
        self.isOpen = isOpen
        if case .user = place { older = .none }
    }

    /// One beyond the last line, with those that are pending.
    var end: Int { scrollback.end + pending.count }

    /// A line of the scrollback, or behind it one that is pending.
    func line(_ number: Int) -> ScrollbackLine? {
        if number < scrollback.end { return scrollback[number] }
        let index = number - scrollback.end
        guard pending.indices.contains(index) else { return nil }
        return ScrollbackLine(kind: .pending, time: pending[index].time, text: pending[index].text)
    }

    /// As lists and the status line have it.
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

    /// Somebody is here, and spoke just now.
    mutating func know(_ name: String) {
        if names.first == name { return }
        names.removeAll { $0 == name }
        names.insert(name, at: 0)
        if names.count > Self.mostNames { names.removeLast() }
    }

    /// Somebody came, and has not spoken yet.
    mutating func meet(_ name: String) {
        if names.count < Self.mostNames, !names.contains(name) { names.append(name) }
    }

    mutating func fail(_ text: String) {
        failed.append(text)
        if failed.count > Self.mostFailed { failed.removeFirst() }
    }
}
