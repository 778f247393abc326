/// The full screen's mind: keys and happenings in, actions out, and the whole of what there is to see in between.
///
/// It knows no terminal and no clock but the ones it is given. ``ScreenModel/frame(at:)`` is what it looks like.
struct ScreenModel: Sendable {
    /// Of all windows; the ones that nobody needs go first.
    static let mostWindows = 64
    /// Of all scrollbacks together, in bytes.
    static let mostMemory = 48 << 20

    let theme: Theme
    let clock: LocalClock
    var size: Size
    var settings: ScreenSettings
    var status: ClientStatus
    var editor: LineEditor
    /// In the order of opening. Never empty.
    var windows: [Window]
    /// The index of the one that is shown.
    var active = 0 { didSet { if active != oldValue { laidOut.forgetAll() } } }
    /// The window before that.
    var previous: Place?
    /// All rooms that were heard of.
    var roomNames: [String] = []
    /// What the row above the input says instead of how things stand, until the next key.
    var hint: String?
    /// Something is asked before this text is sent.
    var question: String?
    var completion: WordCompletion?
    /// What was looked for last.
    var search: String?
    /// Whether the terminal is looked at; `nil` where it does not say.
    var isFocused: Bool?
    var typing = TypingNotice()
    /// Of the active window.
    var laidOut = RowCache()
    /// What was said since all scrollbacks together were last looked at, in bytes.
    var bytesUnchecked = 0

    /// - Parameter room: the one the user starts in.
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

    /// What the screen wants done.
    enum Action: Equatable, Sendable {
        /// To be understood as in a client without windows: `/users`, `/quit`.
        case line(String)
        case ask(Ask)
        case bell
        /// Draw everything anew.
        case redraw
        case suspend
        case interrupt
        case endOfInput
        /// A line for the history that is kept between runs.
        case remember(String)
        /// The settings were changed.
        case keepSettings
    }

    // MARK: Windows

    var window: Window {
        get { windows[active] }
        set { windows[active] = newValue }
    }

    /// The ones that can be gone to, in the order of their numbers.
    var listed: [Int] {
        windows.indices.filter { index in
            let window = windows[index]
            return window.isOpen || index == active || !window.pending.isEmpty || !window.draft.characters.isEmpty
        }
    }

    func index(of place: Place) -> Int? { windows.firstIndex { $0.place == place } }

    /// The window of a place, opened if there is none.
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
            // What has not been read goes last: many strangers are not to push out what a friend said.
            ?? dispensable.first { !windows[$0].place.isRoom && windows[$0].mentions == 0 }
            ?? dispensable.last { !windows[$0].place.isRoom } ?? dispensable.first
        guard let choice else { return }
        windows.remove(at: choice)
        if choice < active { active -= 1 }
    }

    /// Goes to a window: what is being written stays with the one it was written in.
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

    /// The user looks at something else from now on; what comes stands below a mark.
    mutating func lookAway() {
        window.lastRead = window.scrollback.end - 1
    }

    /// Where nothing came, nothing needs a mark.
    mutating func lookAgain() {
        if let lastRead = window.lastRead, lastRead >= window.scrollback.end - 1 { window.lastRead = nil }
    }

    /// Keeps all scrollbacks together within bounds.
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

/// Who writes is told to others, but not with every key.
struct TypingNotice: Equatable, Sendable {
    /// Between two notices. Who hears none for twice as long knows that it is over.
    static let pause = Duration.seconds(3)

    var room: String?
    var toldAt: Duration?
}

extension ScreenModel {
    /// What the user wrote that was neither stored nor refused, for when the screen closes.
    var leftBehind: [Output] {
        windows.indices.flatMap { index -> [Output] in
            let window = windows[index]
            let draft = index == active ? editor.text : String(window.draft.characters)
            return window.pending.map { .failed(line: $0.text, reason: "not confirmed by the server") }
                + (draft.isEmpty ? [] : [.failed(line: draft, reason: "not sent")])
        }
    }
}
