/// Computes the bytes that turn what a terminal shows into the next frame.
///
/// Uses only what xterm, tmux, screen and the Linux console have in common (ECMA-48, and DEC's private modes, of which
/// unknown ones are ignored), so no terminal database is needed.
struct FrameWriter: Sendable {
    /// What the terminal shows; `nil` if unknown.
    private var shown: Frame?

    /// Called when something else wrote to the terminal, or it was resized: the next frame is drawn completely.
    mutating func invalidate() { shown = nil }

    /// - Returns: the bytes, to be written at once; empty if nothing changed.
    mutating func bytes(for frame: Frame) -> String {
        let known = shown?.size == frame.size ? shown : nil
        if known == frame { return "" }
        var pen = Pen()
        if known == nil { pen.text += "\u{1B}[0m\u{1B}[2J" }
        for row in 0..<frame.size.rows {
            pen.draw(frame.rows[row], over: known?.rows[row], row: row)
        }
        pen.finish(frame.cursor)
        shown = frame
        // A terminal that knows mode 2026 shows the whole update at once; others ignore the mode.
        return "\u{1B}[?2026h" + pen.text + "\u{1B}[?2026l"
    }
}

/// Writes cells and tracks the terminal's cursor and style.
private struct Pen {
    /// The cursor is hidden while it moves.
    var text = "\u{1B}[?25l"
    private var style: Style? = .plain
    /// The cursor's position, if it is certain.
    private var position: Frame.Position?

    mutating func draw(_ cells: [Cell], over known: [Cell]?, row: Int) {
        if let known, known == cells { return }
        let blankFrom = (cells.lastIndex { $0 != .blank }.map { $0 + 1 } ?? 0)
        var column = 0
        while column < blankFrom {
            if let known, known[column] == cells[column], !isCut(column, known, cells) {
                column += 1
            } else {
                put(cells[column], row: row, column: column)
                column += max(1, Int(cells[column].width))
            }
        }
        let wasBlankFrom = known.map { $0.lastIndex { $0 != .blank }.map { $0 + 1 } ?? 0 } ?? 0
        if wasBlankFrom > blankFrom {
            move(row: row, column: blankFrom)
            select(.plain)
            text += "\u{1B}[K"
        }
    }

    /// Whether overwriting would cut a wide character: writing over one half erases the other.
    private func isCut(_ column: Int, _ known: [Cell], _ cells: [Cell]) -> Bool {
        guard column + 1 < cells.count, cells[column].width == 2 else { return false }
        return known[column + 1] != cells[column + 1]
    }

    private mutating func put(_ cell: Cell, row: Int, column: Int) {
        if cell.width == 0 { return }
        move(row: row, column: column)
        select(cell.style)
        if cell.character.isASCII {
            text.append(cell.character)
            position?.column += 1
            return
        }
        // The terminal may disagree about the character's width, so its cells are cleared first, and the cursor is set
        // explicitly before the next character.
        if cell.width == 2 {
            text += "  "
            position = nil
            move(row: row, column: column)
        }
        text.append(cell.character)
        position = cell.isCertain ? Frame.Position(row: row, column: column + 1) : nil
    }

    private mutating func move(row: Int, column: Int) {
        let target = Frame.Position(row: row, column: column)
        if position == target { return }
        text += "\u{1B}[\(row + 1);\(column + 1)H"
        position = target
    }

    private mutating func select(_ style: Style) {
        if self.style == style { return }
        text += style.sequence
        self.style = style
    }

    mutating func finish(_ cursor: Frame.Position?) {
        select(.plain)
        guard let cursor else { return }
        position = nil
        move(row: cursor.row, column: cursor.column)
        text += "\u{1B}[?25h"
    }
}

extension Cell {
    /// Whether all terminals agree that the character takes one cell: box drawing, and letters of the first blocks.
    fileprivate var isCertain: Bool {
        guard width == 1, let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else {
            return false
        }
        return scalar.value < 0x250 || (0x2500..<0x2580).contains(scalar.value)
    }
}
