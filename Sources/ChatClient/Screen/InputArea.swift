/// The rows of the text being written: as many as it needs up to a limit; beyond that, those around the cursor.
struct InputArea: Equatable, Sendable {
    let rows: [[Cell]]
    let cursor: Frame.Position

    init(editor: LineEditor, width: Int, height: Int) {
        let prompt: [Cell]
        if let search = editor.search {
            let failing = search.isFailing ? "failing " : ""
            prompt = Cell.cells("(\(failing)search “\(SafeText.prose(search.words))”) ", Style(attributes: .dim))
        } else {
            prompt = Cell.cells("> ", Style(attributes: .bold))
        }
        // One cell at the right edge stays free for the cursor.
        let room = max(2, width - 1)
        var rows: [[Cell]] = [prompt.count < room - 1 ? prompt : []]
        var used = rows[0].reduce(0) { $0 + Int($1.width) }
        var cursor = Frame.Position(row: 0, column: used)
        for (index, character) in editor.characters.enumerated() {
            if index == editor.cursor { cursor = Frame.Position(row: rows.count - 1, column: used) }
            if character.isNewline {
                rows.append(Cell.cells("  ", .plain))
                used = 2
                continue
            }
            let cells = Cell.cells(Self.shown(character), .plain)
            let cellsWidth = cells.reduce(0) { $0 + Int($1.width) }
            if used + cellsWidth > room {
                rows.append([])
                used = 0
                if index == editor.cursor { cursor = Frame.Position(row: rows.count - 1, column: 0) }
            }
            rows[rows.count - 1] += cells
            used += cellsWidth
        }
        if editor.cursor >= editor.characters.count { cursor = Frame.Position(row: rows.count - 1, column: used) }
        let first = max(0, min(cursor.row - height / 2, rows.count - height))
        self.rows = Array(rows[first..<min(rows.count, first + height)])
        self.cursor = Frame.Position(row: cursor.row - first, column: min(cursor.column, width - 1))
    }

    /// Invisible characters in the user's own text are shown, because otherwise the cursor would seem to stand still on
    /// them.
    private static func shown(_ character: Character) -> String {
        let safe = SafeText.prose(String(character))
        return DisplayWidth.of(safe) == 0 ? "·" : safe
    }
}
