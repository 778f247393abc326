import Foundation

/// Columns of text: the first is aligned to the left, the others to the right.
struct TextTable {
    private var rows: [[String]] = []

    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// Whether there is only a head.
    var isEmpty: Bool { rows.count <= 1 }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }
}

/// Numbers for people.
enum Figure {
    /// Three significant digits, or all digits before the decimal point.
    static func decimal(_ value: Double) -> String {
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }

    /// With spaces between thousands.
    static func count(_ value: Int) -> String {
        var groups: [Substring] = []
        var rest = Substring(String(value.magnitude))
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "-" : "") + ([rest] + groups).joined(separator: " ")
    }

    static func count(_ value: Double) -> String { count(Int(value.rounded())) }

    static func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1_048_576) }
}
