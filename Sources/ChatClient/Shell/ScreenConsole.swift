#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The full screen: ``ScreenModel`` on a real terminal.
///
/// The terminal is written to at most once per ``frameTime``, except that the effect of a key is shown at once. Used on
/// the shell's thread only.
final class ScreenConsole {
    static let frameTime = Duration.milliseconds(16)

    private var model: ScreenModel
    private var decoder = KeyDecoder()
    private var writer = FrameWriter()
    private var output = FileOutput(STDOUT_FILENO)
    private let store: StateDirectory?
    /// Decoded keys that were not handled yet: at most those of one read.
    private var keys: ArraySlice<Key> = []
    private var actions: ArraySlice<ScreenModel.Action> = []
    private var hasEnded = false
    private var bell = false
    private var now = Duration.zero
    private var drawnAt: Duration?
    private var needsFrame = true
    /// Whether a key was pressed since the last frame.
    private var isUrgent = true
    /// Outputs that were never on the screen. They are printed to the terminal if the screen closes before.
    private var unseen: [Output] = []

    init(_ model: ScreenModel, store: StateDirectory?) {
        self.model = model
        self.store = store
        Signals.catchStop()
        RawMode.enter()
    }

    /// Reads the terminal's properties from the environment, and the user's settings from earlier runs.
    static func onTerminal(status: ClientStatus, room: String?) -> ScreenConsole {
        let store = StateDirectory.ofUser
        let history = store?.read("history") ?? ""
        let entries = HistoryFile.entries(in: history)
        if HistoryFile.isOverlong(history) { store?.replace("history", with: entries.map(HistoryFile.text).joined()) }
        let model = ScreenModel(
            theme: Theme(depth: Environment.colourDepth), clock: .system, size: RawMode.size,
            room: room ?? RoomTracker.lobby, status: status,
            settings: ScreenSettings(text: store?.read("settings") ?? ""),
            history: InputHistory(lines: entries))
        return ScreenConsole(model, store: store)
    }

    // MARK: Input

    /// Takes bytes from standard input, or its end. Their actions are fetched one at a time with ``nextAction()``, so
    /// that the effect of one is shown before the next is handled.
    func feed(_ bytes: [UInt8]) { keys += decoder.decode(bytes) }
    func feedEnd() { hasEnded = true }

    /// If nothing follows an unfinished key within this many milliseconds, ``settle()`` must be called.
    var patience: Int32? { decoder.patience }
    func settle() { keys += decoder.flush() }

    func nextAction() -> ConsoleAction? {
        while true {
            while let action = actions.popFirst() {
                if let action = perform(action) { return action }
            }
            guard let key = keys.popFirst() else { break }
            actions += model.handle(key, at: now)
            needsFrame = true
            isUrgent = true
        }
        if hasEnded {
            hasEnded = false
            return .endOfInput
        }
        return nil
    }

    private func perform(_ action: ScreenModel.Action) -> ConsoleAction? {
        switch action {
        case .line(let line): return .line(line)
        case .ask(let ask): return .ask(ask)
        case .interrupt: return .interrupt
        case .suspend: return .suspend
        case .endOfInput: return .endOfInput
        case .bell: bell = true
        case .redraw: writer.invalidate()
        case .remember(let line): store?.append(HistoryFile.text(for: line), to: "history")
        case .keepSettings: store?.replace("settings", with: model.settings.text)
        }
        return nil
    }

    func giveBack(_ line: String) {
        model.giveBack(line)
        needsFrame = true
        isUrgent = true
    }

    // MARK: Output

    func show(_ output: Output) {
        actions += model.show(output)
        unseen.append(output)
        needsFrame = true
    }

    func report(_ happening: Happening) {
        for action in model.handle(happening, at: now) { _ = perform(action) }
        needsFrame = true
    }

    func setStatus(_ status: ClientStatus) {
        if status == model.status { return }
        model.status = status
        needsFrame = true
    }

    /// Sets the time, relative to the shell's origin. Called before each ``flush()``.
    func advance(to now: Duration) {
        if let change = nextChange, change <= now { needsFrame = true }
        self.now = now
    }

    /// When the next frame is due.
    var deadline: Duration? {
        if needsFrame { return nextFrame }
        return nextChange
    }

    private var nextFrame: Duration { drawnAt.map { $0 + Self.frameTime } ?? now }
    private var nextChange: Duration?

    /// Draws what has changed, as soon as a frame is due.
    /// - Returns: false if nobody can see it any more.
    func flush() -> Bool {
        if bell { output.append("\u{07}") }
        bell = false
        if needsFrame, isUrgent || nextFrame <= now {
            output.append(writer.bytes(for: model.frame(at: now)))
            drawnAt = now
            needsFrame = false
            isUrgent = false
            unseen = []
            nextChange = model.nextChange(at: now)
        }
        output.flush()
        return !output.isClosed
    }

    func resized() {
        model.size = RawMode.size
        model.laidOut.forgetAll()
        redraw()
    }

    /// Hands the terminal to the parent shell; ``resume()`` takes it back.
    func suspend() {
        output.flush()
        RawMode.leave()
    }

    func resume() {
        Signals.catchStop()
        RawMode.enter()
        resized()
    }

    private func redraw() {
        writer.invalidate()
        needsFrame = true
        isUrgent = true
    }

    /// Gives the terminal back, and prints the user's messages that were not confirmed, since the screen that showed
    /// them is gone.
    func close() {
        output.flush()
        RawMode.leave()
        let style = OutputStyle(isColoured: false)
        for output in unseen + model.leftBehind {
            for line in style.lines(for: output) { self.output.append(line + "\n") }
        }
        output.flush()
    }
}
