/// The laid-out rows of recently shown lines, by their number in the active window.
struct RowCache: Sendable {
    /// A few screens full, counted in rows because one line can be very long.
    private static let mostRows = 2_000

    private var rows: [Int: [[Cell]]] = [:]
    private var width = 0
    /// The number of rows, including those of lines that were forgotten since.
    private var rowCount = 0

    /// The number of cached lines.
    var lineCount: Int { rows.count }

    /// A line's rows, laid out if they are not cached for this width.
    mutating func rows(of number: Int, width: Int, _ layOut: () -> [[Cell]]) -> [[Cell]] {
        if self.width != width || rowCount > Self.mostRows {
            forgetAll()
            self.width = width
        }
        if let known = rows[number] { return known }
        let made = layOut()
        rows[number] = made
        rowCount += made.count
        return made
    }

    /// The line with this number has changed.
    mutating func forget(_ number: Int) { rows[number] = nil }

    /// All numbers stand for other lines now.
    mutating func forgetAll() {
        rows.removeAll(keepingCapacity: true)
        rowCount = 0
    }
}
