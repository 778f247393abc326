/// The contents of the screen at one moment: styled characters in cells, and the cursor.
struct Frame: Equatable, Sendable {
    let size: Size
    private(set) var rows: [[Cell]]
    /// `nil`: hidden.
    var cursor: Position?

    struct Position: Equatable, Sendable {
        var row: Int
        var column: Int
    }

    init(_ size: Size) {
        self.size = size
        rows = Array(repeating: Array(repeating: .blank, count: size.columns), count: size.rows)
    }

    /// Puts cells into a row, as many as fit between `column` and `end`.
    /// - Returns: the column after them.
    @discardableResult
    mutating func put(_ cells: some Sequence<Cell>, row: Int, column: Int = 0, end: Int? = nil) -> Int {
        guard rows.indices.contains(row), column >= 0 else { return column }
        let end = min(end ?? size.columns, size.columns)
        var column = column
        for cell in cells {
            let width = Int(cell.width)
            if width == 0 { continue }  // the right half was put together with the left one
            if column + width > end { break }
            rows[row][column] = cell
            if width == 2 { rows[row][column + 1] = .rightHalf(of: cell) }
            column += width
        }
        return column
    }

    @discardableResult
    mutating func put(_ text: String, _ style: Style, row: Int, column: Int = 0, end: Int? = nil) -> Int {
        put(Cell.cells(text, style), row: row, column: column, end: end)
    }

    /// Fills a part of a row with blanks in one style.
    mutating func fill(_ style: Style, row: Int, from column: Int = 0, to end: Int? = nil) {
        guard rows.indices.contains(row) else { return }
        for column in max(0, column)..<max(max(0, column), min(end ?? size.columns, size.columns)) {
            rows[row][column] = Cell(character: " ", width: 1, style: style)
        }
    }

    /// A row as text, without trailing blanks.
    func text(row: Int) -> String {
        guard rows.indices.contains(row) else { return "" }
        let text = rows[row].filter { $0.width > 0 }.map(\.character)
        return String(text[..<(text.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0)])
    }
}

/// A size of the terminal, in cells.
struct Size: Equatable, Sendable {
    var columns: Int
    var rows: Int

    /// At least one cell, and at most what memory allows, whatever the terminal reports.
    init(columns: Int, rows: Int) {
        self.columns = min(max(1, columns), 1_000)
        self.rows = min(max(1, rows), 500)
    }
}

struct Cell: Equatable, Sendable {
    var character: Character
    /// 1 or 2; 0 for the right half of the wide character before it.
    var width: UInt8
    var style: Style

    static let blank = Cell(character: " ", width: 1, style: .plain)

    static func rightHalf(of cell: Cell) -> Cell { Cell(character: " ", width: 0, style: cell.style) }

    /// Text in cells, without right halves. Characters of zero width are left out, as are clusters many times longer
    /// than any real one.
    static func cells(_ text: String, _ style: Style) -> [Cell] {
        var cells: [Cell] = []
        cells.reserveCapacity(text.utf8.count)
        for character in text {
            let width = DisplayWidth.of(character)
            if width == 0 { continue }
            let isPile = width > 2 || character.utf8.count > longest
            cells.append(
                Cell(
                    character: isPile ? "\u{FFFD}" : character, width: isPile ? 1 : UInt8(width), style: style))
        }
        return cells
    }

    /// In bytes. A family of four with skin tones takes 41; a letter with six marks up to 28.
    private static let longest = 64
}
