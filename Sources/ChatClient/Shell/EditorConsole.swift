#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A terminal with a line editor at its bottom: what comes in is printed above the line being written.
final class EditorConsole: Console {
    private var decoder = KeyDecoder()
    private var editor = LineEditor()
    /// At most what one read of the terminal brought.
    private var keys: ArraySlice<Key> = []
    private var hasEnded = false
    private var output = FileOutput(STDOUT_FILENO)
    private let style: OutputStyle
    private var prompt = ""
    private var pendingLines: [String] = []
    private var needsRedraw = true
    private var bell = false

    init(style: OutputStyle) {
        self.style = style
        RawMode.enter()
    }

    // MARK: Input

    func feed(_ bytes: [UInt8]) { keys += decoder.decode(bytes) }
    func feedEnd() { hasEnded = true }

    var patience: Int32? { decoder.patience }
    func settle() { keys += decoder.flush() }

    func nextAction() -> ConsoleAction? {
        while let key = keys.popFirst() {
            switch editor.handle(key) {
            case .none: break
            case .changed: needsRedraw = true
            case .bell: bell = true
            case .clearScreen:
                output.append("\u{1B}[H\u{1B}[2J")
                needsRedraw = true
            case .submit(let line):
                needsRedraw = true
                return .line(line)
            case .endOfInput: return .endOfInput
            case .interrupt: return .interrupt
            case .suspend: return .suspend
            }
        }
        if hasEnded {
            hasEnded = false
            return .endOfInput
        }
        return nil
    }

    func giveBack(_ line: String) {
        editor.restore(line)
        needsRedraw = true
    }

    // MARK: Output

    func show(_ output: Output) { pendingLines += style.lines(for: output) }

    func setPrompt(_ prompt: String) {
        if prompt != self.prompt { needsRedraw = true }
        self.prompt = prompt
    }

    func flush() -> Bool {
        if !pendingLines.isEmpty {
            output.append("\r\u{1B}[K")
            for line in pendingLines { output.append(line + "\r\n") }
            pendingLines.removeAll(keepingCapacity: true)
            needsRedraw = true
        }
        if needsRedraw {
            let line = PromptLine(
                prompt: prompt, characters: editor.characters, cursor: editor.cursor, width: RawMode.columns)
            // From the left edge both times: a width on which the terminal disagrees then moves nothing but the cursor.
            output.append("\r\(line.text)\u{1B}[K\r")
            if line.cursorColumn > 0 { output.append("\u{1B}[\(line.cursorColumn)C") }
            needsRedraw = false
        }
        if bell { output.append("\u{07}") }
        bell = false
        output.flush()
        return !output.isClosed
    }

    func resized() {
        output.append("\r\u{1B}[J")
        needsRedraw = true
    }

    func suspend() {
        _ = flush()
        RawMode.leave()
    }

    func resume() {
        RawMode.enter()
        needsRedraw = true
    }

    func close() {
        let last = pendingLines
        pendingLines = []
        output.append("\r\u{1B}[K")
        for line in last { output.append(line + "\r\n") }
        output.flush()
        RawMode.leave()
    }
}
