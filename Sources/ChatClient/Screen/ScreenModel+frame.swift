/// Draws the screen: the list of windows on the left, the pane with the conversation, the status line, and below it the
/// text being written.
extension ScreenModel {
    private static let listWidth = 20
    private static let mostInputRows = 8

    // MARK: Measures

    var showsList: Bool {
        switch settings.list {
        case .off: false
        case .on: size.columns >= 50
        case .auto: size.columns >= 80 && listed.count > 1
        }
    }

    var paneColumn: Int { showsList ? Self.listWidth : 0 }
    var paneWidth: Int { size.columns - paneColumn }

    var inputHeight: Int { min(inputArea.rows.count, max(1, min(Self.mostInputRows, size.rows / 3))) }

    var paneHeight: Int { max(0, size.rows - inputHeight - 1) }

    private var inputArea: InputArea {
        InputArea(editor: editor, width: size.columns, height: max(1, min(Self.mostInputRows, size.rows / 3)))
    }

    // MARK: Drawing

    mutating func frame(at now: Duration) -> Frame {
        var frame = Frame(size)
        let input = inputArea
        let height = min(input.rows.count, max(1, min(Self.mostInputRows, size.rows / 3)))
        drawPane(in: &frame)
        if showsList { drawList(in: &frame) }
        if size.rows > 1 {
            drawBar(in: &frame, row: size.rows - height - 1, at: now)
        }
        for (index, row) in input.rows.enumerated() { frame.put(row, row: size.rows - height + index) }
        frame.cursor = Frame.Position(row: size.rows - height + input.cursor.row, column: input.cursor.column)
        return frame
    }

    private mutating func drawPane(in frame: inout Frame) {
        let height = paneHeight
        guard height > 0 else { return }
        keepInView()
        let bottom = window.bottom ?? Window.Bottom(line: window.end - 1, hiddenRows: 0)
        var row = height
        var line = bottom.line
        var hidden = bottom.hiddenRows
        while row > 0, line >= window.scrollback.first {
            for cells in rows(of: line).dropLast(hidden).reversed() where row > 0 {
                row -= 1
                frame.put(cells, row: row, column: paneColumn)
            }
            hidden = 0
            line -= 1
        }
        if row > 0, let words = wordsAbove {
            frame.put(lineRows.rule(words, theme.rule), row: row - 1, column: paneColumn)
        }
        if window.bottom != nil, bottom.line < window.end - 1 || bottom.hiddenRows > 0 {
            let count = max(1, window.end - 1 - bottom.line)
            let words = "\(count) newer line\(count == 1 ? "" : "s") below: End"
            frame.fill(.plain, row: height - 1, from: paneColumn)
            frame.put(lineRows.rule(words, theme.marker), row: height - 1, column: paneColumn)
        }
    }

    /// The words above the first line.
    private var wordsAbove: String? {
        guard window.place.isRoom else { return nil }
        return switch window.older {
        case .possible: window.scrollback.isEmpty ? nil : "PgUp for older messages"
        case .asked: "asking for older messages"
        case .none: status.isV2 ? "the beginning of \(ShownName.text(window.place.name))" : nil
        }
    }

    private func drawList(in frame: inout Frame) {
        let width = Self.listWidth - 2
        let bottom = size.rows - inputHeight - 1
        let listed = listed
        // The active window is always visible in the list.
        let first = max(0, (listed.firstIndex(of: active) ?? 0) - bottom + 1)
        for (place, index) in listed.enumerated().dropFirst(first) where place - first < bottom {
            let row = place - first
            let window = windows[index]
            let style = theme.entry(
                isActive: index == active, unread: window.unread, mentions: window.mentions, isOpen: window.isOpen)
            frame.fill(style, row: row, to: width)
            let count = Self.count(window)
            let number = place < 10 ? "\((place + 1) % 10) " : "  "
            frame.put(number, style.with(.dim), row: row, end: width)
            frame.put(window.title, style, row: row, column: 2, end: max(3, width - count.count - 2))
            frame.put(count, style, row: row, column: width - count.count - 1, end: width)
        }
        for row in 0..<max(0, bottom) { frame.put("│", theme.rule, row: row, column: width) }
    }

    /// `3` for unread messages, `3!` if the user was mentioned.
    static func count(_ window: Window) -> String {
        if window.unread == 0 { return "" }
        let count = window.unread > 999 ? "999+" : "\(window.unread)"
        return window.mentions > 0 ? count + "!" : count
    }

    private func drawBar(in frame: inout Frame, row: Int, at now: Duration) {
        let style = theme.bar
        frame.fill(style, row: row)
        if let question {
            frame.put(" \(question) Enter sends it, Esc goes back to it.", style.with(.bold), row: row)
        } else if let hint {
            frame.put(" " + SafeText.prose(hint), style, row: row)
        } else {
            let bar = StatusBar(self, at: now)
            let right = Cell.cells(bar.right + " ", style)
            let rightWidth = right.reduce(0) { $0 + Int($1.width) }
            let start = max(0, size.columns - rightWidth)
            let end = frame.put(" " + bar.left, style, row: row, end: rightWidth > 1 ? max(0, start - 1) : nil)
            if end < start { frame.put(right, row: row, column: start) }
        }
    }

    // MARK: Time

    /// When the screen will change without an event.
    func nextChange(at now: Duration) -> Duration? {
        var changes = window.typing.values.filter { $0 > now }
        if case .waiting(let until) = status.connection {
            // The countdown changes in whole seconds.
            let left = until - now
            let parts = left.components
            if left > .zero {
                changes.append(now + (parts.attoseconds > 0 ? left - .seconds(parts.seconds) : .seconds(1)))
            }
        }
        if status.unansweredSince != nil { changes.append(now + .seconds(1)) }
        return changes.min()
    }
}
