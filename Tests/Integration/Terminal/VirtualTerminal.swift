/// Enough of xterm to see what a program has drawn: cells, the cursor, the alternate screen and the private modes.
///
/// It is simple-minded on purpose: it takes each Unicode scalar by itself, as many terminals do, so that a family of four
/// joined emoji takes eight cells. A program whose screen is right here does not depend on the terminal's idea of widths.
struct VirtualTerminal: Sendable {
    struct Cell: Equatable, Sendable {
        /// Empty in the right half of a wide character.
        var text = " "
        /// The parameters of the last SGR sequence.
        var style = ""
    }

    private(set) var columns: Int
    private(set) var rows: Int
    private var primary: [[Cell]]
    private var alternate: [[Cell]]
    private(set) var isAlternate = false
    private(set) var row = 0
    private(set) var column = 0
    private var saved = (row: 0, column: 0)
    /// The next character goes to the next row first.
    private var isWrapPending = false
    private(set) var style = ""
    /// Numbers of the private modes that are set; 25 is the cursor's.
    private(set) var modes: Set<Int> = [25]
    private(set) var bells = 0
    /// What it has no meaning for.
    private(set) var unknown: [String] = []
    /// How many frames were brought to an end.
    private(set) var frames = 0

    private enum State { case ground, escape, csi(String), string, charset }
    private var state = State.ground
    private var partial: [UInt8] = []

    init(columns: Int = 80, rows: Int = 24) {
        self.columns = columns
        self.rows = rows
        primary = Self.blank(columns, rows)
        alternate = Self.blank(columns, rows)
    }

    private static func blank(_ columns: Int, _ rows: Int) -> [[Cell]] {
        Array(repeating: Array(repeating: Cell(), count: columns), count: rows)
    }

    // MARK: Looking

    private var cells: [[Cell]] {
        get { isAlternate ? alternate : primary }
        set { if isAlternate { alternate = newValue } else { primary = newValue } }
    }

    /// The rows as text, without the blanks at their ends.
    var lines: [String] {
        cells.map { row in
            let text = row.map(\.text).joined()
            return String(text.prefix(text.count - text.reversed().prefix { $0 == " " }.count))
        }
    }

    var text: String { lines.joined(separator: "\n") }

    func cells(row: Int) -> [Cell] { cells[row] }

    /// The style of the first cell of the first row that has `text`.
    func style(of text: String) -> String? {
        for row in cells {
            for start in row.indices where row[start...].map(\.text).joined().hasPrefix(text) {
                return row[start].style
            }
        }
        return nil
    }

    // MARK: Being told

    /// What was there stays in its place, as far as it fits.
    mutating func resize(columns: Int, rows: Int) {
        func resized(_ old: [[Cell]]) -> [[Cell]] {
            var new = Self.blank(columns, rows)
            for row in 0..<min(rows, old.count) {
                for column in 0..<min(columns, old[row].count) { new[row][column] = old[row][column] }
            }
            return new
        }
        primary = resized(primary)
        alternate = resized(alternate)
        self.columns = columns
        self.rows = rows
        row = min(row, rows - 1)
        column = min(column, columns - 1)
        isWrapPending = false
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            if byte < 0x80 {
                partial = []
                take(Unicode.Scalar(byte))
                continue
            }
            if byte >= 0xC0 { partial = [] }
            partial.append(byte)
            let length = (partial.first ?? 0) >= 0xF0 ? 4 : (partial.first ?? 0) >= 0xE0 ? 3 : 2
            if partial.count == length {
                for scalar in String(decoding: partial, as: UTF8.self).unicodeScalars { take(scalar) }
                partial = []
            }
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        switch state {
        case .ground:
            if scalar == "\u{1B}" { state = .escape } else { ground(scalar) }
        case .escape:
            state = .ground
            switch scalar {
            case "[": state = .csi("")
            case "]", "P", "_", "^", "X": state = .string
            case "(", ")": state = .charset
            case "7": saved = (row, column)
            case "8": (row, column) = saved
            case "=", ">", "\\": break
            default: unknown.append("ESC \(scalar)")
            }
        case .charset: state = .ground
        case .string:
            if scalar == "\u{07}" { state = .ground } else if scalar == "\u{1B}" { state = .escape }
        case .csi(let parameters):
            if (0x40...0x7E).contains(scalar.value) {
                state = .ground
                control(parameters, scalar)
            } else if scalar == "\u{1B}" {
                state = .escape
            } else {
                state = .csi(parameters + String(scalar))
            }
        }
    }

    private mutating func ground(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x07: bells += 1
        case 0x08:
            column = max(0, column - 1)
            isWrapPending = false
        case 0x0A, 0x0B, 0x0C: lineFeed()
        case 0x0D:
            column = 0
            isWrapPending = false
        case 0x00..<0x20, 0x7F: break
        case 0x80..<0xA0: unknown.append("C1 \(scalar.value)")
        default: print(scalar)
        }
    }

    private mutating func print(_ scalar: Unicode.Scalar) {
        let width = Self.width(scalar)
        if width == 0 {
            // It joins what was printed last.
            var place = isWrapPending ? column : column - 1
            while place > 0, cells[row][place].text.isEmpty { place -= 1 }
            if place >= 0 { cells[row][place].text.unicodeScalars.append(scalar) }
            return
        }
        if isWrapPending || column + width > columns {
            isWrapPending = false
            column = 0
            lineFeed()
        }
        clearHalves(column)
        if width == 2 { clearHalves(column + 1) }
        cells[row][column] = Cell(text: String(scalar), style: style)
        if width == 2 { cells[row][column + 1] = Cell(text: "", style: style) }
        column += width
        if column >= columns {
            column = columns - 1
            isWrapPending = true
        }
    }

    /// Writing over one half of a wide character takes the other away.
    private mutating func clearHalves(_ place: Int) {
        guard place < columns else { return }
        if cells[row][place].text.isEmpty, place > 0 { cells[row][place - 1].text = " " }
        if place + 1 < columns, cells[row][place + 1].text.isEmpty { cells[row][place + 1].text = " " }
    }

    private mutating func lineFeed() {
        if row + 1 < rows {
            row += 1
        } else {
            cells.removeFirst()
            cells.append(Array(repeating: Cell(), count: columns))
        }
    }

    private mutating func control(_ parameters: String, _ final: Unicode.Scalar) {
        if parameters.hasPrefix("?") {
            let numbers = parameters.dropFirst().split(separator: ";").compactMap { Int($0) }
            for number in numbers { mode(number, isSet: final == "h") }
            return
        }
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
        func number(_ index: Int, _ usual: Int) -> Int {
            numbers.indices.contains(index) ? numbers[index] ?? usual : usual
        }
        isWrapPending = final == "m" ? isWrapPending : false
        switch final {
        case "m":
            style = parameters.hasPrefix("0;") ? String(parameters.dropFirst(2)) : parameters == "0" ? "" : parameters
        case "H", "f":
            row = min(max(1, number(0, 1)), rows) - 1
            column = min(max(1, number(1, 1)), columns) - 1
        case "A": row = max(0, row - max(1, number(0, 1)))
        case "B": row = min(rows - 1, row + max(1, number(0, 1)))
        case "C": column = min(columns - 1, column + max(1, number(0, 1)))
        case "D": column = max(0, column - max(1, number(0, 1)))
        case "G": column = min(max(1, number(0, 1)), columns) - 1
        case "K":
            let range = number(0, 0) == 0 ? column..<columns : number(0, 0) == 1 ? 0..<column + 1 : 0..<columns
            for place in range { cells[row][place] = Cell() }
        case "J":
            if number(0, 0) == 0 {
                for place in column..<columns { cells[row][place] = Cell() }
                for other in row + 1..<max(row + 1, rows) { cells[other] = Array(repeating: Cell(), count: columns) }
            } else {
                cells = Self.blank(columns, rows)
            }
        default: unknown.append("CSI \(parameters) \(final)")
        }
    }

    private mutating func mode(_ number: Int, isSet: Bool) {
        if isSet { modes.insert(number) } else { modes.remove(number) }
        switch number {
        case 1049:
            if isSet, !isAlternate {
                saved = (row, column)
                alternate = Self.blank(columns, rows)
                isAlternate = true
            } else if !isSet, isAlternate {
                isAlternate = false
                (row, column) = saved
            }
        case 2026: if !isSet { frames += 1 }
        default: break
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }
}
