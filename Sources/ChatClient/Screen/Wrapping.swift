/// Breaks text into rows of a width, at spaces where there are any.
enum Wrapping {
    /// - Parameters:
    ///   - cells: without right halves, as ``Cell/cells(_:_:)`` returns them.
    ///   - width: the width of all rows but the first; below 2 it counts as 2, so that every character fits.
    ///   - first: the width of the first row; `nil`: the same.
    static func rows(_ cells: [Cell], width: Int, first: Int? = nil) -> [ArraySlice<Cell>] {
        let furtherWidth = max(2, width)
        var width = max(2, first ?? width)
        var rows: [ArraySlice<Cell>] = []
        var start = cells.startIndex
        var used = 0
        /// The index after the last space of this row.
        var breakable: Int?
        var index = start
        while index < cells.endIndex {
            let cell = cells[index]
            let isSpace = cell.character == " "
            if used + Int(cell.width) > width {
                if isSpace {
                    // A space that does not fit is replaced by the break.
                    rows.append(cells[start..<index])
                    start = index + 1
                } else {
                    // A word whose move to the next row would leave half of this one empty is cut instead.
                    let end = breakable.flatMap { index - $0 <= width / 2 ? $0 : nil } ?? index
                    rows.append(cells[start..<end])
                    start = end
                }
                index = start
                used = 0
                breakable = nil
                width = furtherWidth
                continue
            }
            used += Int(cell.width)
            index += 1
            if isSpace { breakable = index }
        }
        if start < cells.endIndex || rows.isEmpty { rows.append(cells[start...]) }
        return rows
    }
}
