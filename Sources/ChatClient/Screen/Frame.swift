/// What the screen shows at one moment: styled characters in cells, and where the cursor stands.
struct Frame: Equatable, Sendable {
    let size: Size
    private(set) var rows: [[Cell]]
    /// `nil`: not to be seen.
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
            if width == 0 { continue }  // the right half was put with the left one
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

    /// Gives a stretch of a row blanks in one style.
    mutating func fill(_ style: Style, row: Int, from column: Int = 0, to end: Int? = nil) {
        guard rows.indices.contains(row) else { return }
        for column in max(0, column)..<max(max(0, column), min(end ?? size.columns, size.columns)) {
            rows[row][column] = Cell(character: " ", width: 1, style: style)
        }
    }

    /// A row as text, without the blanks at its end: what a person would read.
    func text(row: Int) -> String {
        guard rows.indices.contains(row) else { return "" }
        let text = rows[row].filter { $0.width > 0 }.map(\.character)
        return String(text[..<(text.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0)])
    }
}

/// Of a terminal, in cells.
struct Size: Equatable, Sendable {
    var columns: Int
    var rows: Int

    /// No smaller than one cell, and no larger than memory should bear whatever a terminal claims.
    init(columns: Int, rows: Int) {
        self.columns = min(max(1, columns), 1_000)
        self.rows = min(max(1, rows), 500)
    }
}

struct Cell: Equatable, Sendable {
    var character: Character
    /// 1 or 2; 0 is the right half of the wide character before it.
    var width: UInt8
    var style: Style

    static let blank = Cell(character: " ", width: 1, style: .plain)

    static func rightHalf(of cell: Cell) -> Cell { Cell(character: " ", width: 0, style: cell.style) }

    /// Text in cells, without right halves. Characters that take no cell of their own are left out, and so are ones that
    /// were piled up to be many times longer than any real one.
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

    /// In bytes. A family of four with skin tones takes 41, six marks on a letter up to 28.
    private static let longest = 64
}
