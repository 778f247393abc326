/// The state of the full screen: takes keys and happenings, returns actions, and draws frames.
///
/// It uses no terminal and no clock except those that are passed in. ``ScreenModel/frame(at:)`` draws it.
struct ScreenModel: Sendable {
    /// The greatest number of windows; beyond it, closed ones are dropped.
    static let mostWindows = 64
    /// The greatest size of all scrollbacks together, in bytes.
    static let mostMemory = 48 << 20

    let theme: Theme
    let clock: LocalClock
    var size: Size
    var settings: ScreenSettings
    var status: ClientStatus
    var editor: LineEditor
    /// In the order in which they were opened. Never empty.
    var windows: [Window]
    /// The index of the window that is shown.
    var active = 0 { didSet { if active != oldValue { laidOut.forgetAll() } } }
    /// The window that was shown before.
    var previous: Place?
    /// All rooms that the client has heard of.
    var roomNames: [String] = []
    /// Shown in the status line instead of the status, until the next key.
    var hint: String?
    /// The text about which the client asks before sending it.
    var question: String?
    var completion: WordCompletion?
    /// The words of the last search.
    var search: String?
    /// Whether the terminal has the focus; `nil` if it does not report that.
    var isFocused: Bool?
    var typing = TypingNotice()
    /// The rows of the active window's lines.
    var laidOut = RowCache()
    /// The bytes added to all scrollbacks since their size was last checked.
    var bytesUnchecked = 0

    /// - Parameter room: the room in which the user starts.
    init(
        theme: Theme, clock: LocalClock, size: Size, room: String, status: ClientStatus,
        settings: ScreenSettings = ScreenSettings(),
        history: InputHistory = InputHistory()
    ) {
        self.theme = theme
        self.clock = clock
        self.size = size
        self.status = status
        self.settings = settings
        editor = LineEditor(allowsBreaks: true, history: history)
        windows = [Window(.room(room), isOpen: true)]
    }

    /// What the shell has to do.
    enum Action: Equatable, Sendable {
        /// A line to be handled as in a client without windows: `/users`, `/quit`.
        case line(String)
        case ask(Ask)
        case bell
        /// Draw the whole screen again.
        case redraw
        case suspend
        case interrupt
        case endOfInput
        /// Add a line to the history file.
        case remember(String)
        /// Save the settings.
        case keepSettings
    }

    // MARK: Windows

    var window: Window {
        get { windows[active] }
        set { windows[active] = newValue }
    }

    /// The windows in the list, in the order of their numbers.
    var listed: [Int] {
        windows.indices.filter { index in
            let window = windows[index]
            return window.isOpen || index == active || !window.pending.isEmpty || !window.draft.characters.isEmpty
        }
    }

    func index(of place: Place) -> Int? { windows.firstIndex { $0.place == place } }

    /// The index of a place's window, which is opened if there is none.
    mutating func index(opening place: Place) -> Int {
        if let index = index(of: place) { return index }
        if windows.count >= Self.mostWindows { forgetOne() }
        windows.append(Window(place, isOpen: true))
        return windows.count - 1
    }

    private mutating func forgetOne() {
        let dispensable = windows.indices.filter { index in
            let window = windows[index]
            return index != active && window.pending.isEmpty && window.draft.characters.isEmpty
        }
        let choice =
            dispensable.first { !windows[$0].isOpen }
            // Windows with unread mentions are dropped last, so that many strangers cannot displace what a friend
            // wrote.
            ?? dispensable.first { !windows[$0].place.isRoom && windows[$0].mentions == 0 }
            ?? dispensable.last { !windows[$0].place.isRoom } ?? dispensable.first
        guard let choice else { return }
        windows.remove(at: choice)
        if choice < active { active -= 1 }
    }

    /// Shows a window. The text being written stays with its window.
    mutating func activate(_ index: Int) {
        guard windows.indices.contains(index), index != active else { return }
        lookAway()
        previous = window.place
        window.draft = editor.exchange(windows[index].draft)
        active = index
        window.draft = EditBuffer()
        window.unread = 0
        window.mentions = 0
        lookAgain()
        completion = nil
        question = nil
    }

    /// Called when the user looks at something else: lines that come from now on stand below a mark.
    mutating func lookAway() {
        window.lastRead = window.scrollback.end - 1
    }

    /// If no line came meanwhile, the mark is removed.
    mutating func lookAgain() {
        if let lastRead = window.lastRead, lastRead >= window.scrollback.end - 1 { window.lastRead = nil }
    }

    /// Keeps all scrollbacks together within ``mostMemory``.
    mutating func forgetOldLines() {
        while windows.reduce(0, { $0 + $1.scrollback.cost }) > Self.mostMemory {
            guard let largest = windows.indices.max(by: { windows[$0].scrollback.cost < windows[$1].scrollback.cost })
            else { return }
            let before = windows[largest].scrollback.count
            windows[largest].scrollback.removeOldest()
            if windows[largest].scrollback.count == before { return }
            if case .room = windows[largest].place { windows[largest].older = .possible }
        }
    }
}

/// Limits how often the room is told that the user writes.
struct TypingNotice: Equatable, Sendable {
    /// The time between two notices. A reader that gets none for twice as long treats the user as not writing.
    static let pause = Duration.seconds(3)

    var room: String?
    var toldAt: Duration?
}

extension ScreenModel {
    /// The user's messages that were neither stored nor refused, for the end of the client.
    var leftBehind: [Output] {
        windows.indices.flatMap { index -> [Output] in
            let window = windows[index]
            let draft = index == active ? editor.text : String(window.draft.characters)
            return window.pending.map { .failed(line: $0.text, reason: "not confirmed by the server") }
                + (draft.isEmpty ? [] : [.failed(line: draft, reason: "not sent")])
        }
    }
}
