/// The rows of lines that were shown lately, by their number in the window that is shown.
struct RowCache: Sendable {
    /// A few screens full, whether of short lines or of one that is very long.
    private static let mostRows = 2_000

    private var rows: [Int: [[Cell]]] = [:]
    private var width = 0
    /// How many rows they are, or were.
    private var rowCount = 0

    /// How many lines are known.
    var lineCount: Int { rows.count }

    /// A line's rows, laid out if they are not known in this width.
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

    /// The line with this number is another one now.
    mutating func forget(_ number: Int) { rows[number] = nil }

    /// Every number means another line now.
    mutating func forgetAll() {
        rows.removeAll(keepingCapacity: true)
        rowCount = 0
    }
}
