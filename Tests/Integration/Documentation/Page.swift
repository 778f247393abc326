import Foundation
import Testing

/// A page of the documentation, for tests that do what it prints.
struct Page {
    let name: String
    let text: String

    init(_ name: String) throws {
        self.name = name
        text = try String(contentsOf: Self.root.appendingPathComponent(name), encoding: .utf8)
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardizedFileURL

    /// What stands between fences of that language; `""`: of none.
    func blocks(_ language: String) -> [String] {
        var blocks: [String] = []
        var block: (language: String, lines: [String])?
        for line in text.components(separatedBy: "\n") {
            if !line.hasPrefix("```") {
                block?.lines.append(line)
            } else if let ended = block {
                if ended.language == language { blocks.append(ended.lines.joined(separator: "\n")) }
                block = nil
            } else {
                block = (String(line.dropFirst(3)), [])
            }
        }
        return blocks
    }

    /// The one block of that language that has `words` in it.
    func block(_ language: String, with words: String) throws -> String {
        let found = blocks(language).filter { $0.contains(words) }
        try #require(found.count == 1, "\(name) has \(found.count) blocks with “\(words)”")
        return found[0]
    }

    /// What stands between backticks in the first column of its tables.
    var firstColumns: [String] {
        text.components(separatedBy: "\n").filter { $0.hasPrefix("| ") }
            .compactMap { $0.split(separator: "|").first }
            .flatMap { cell in cell.matches(of: /`([^`]+)`/).map { String($0.1) } }
    }
}

extension String {
    /// Whether it is what a page prints, where `…` stands for anything.
    func isAsPrinted(_ printed: String) -> Bool {
        var rest = self[...]
        let parts = printed.components(separatedBy: "…")
        for (index, part) in parts.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if let range = rest.range(of: part) {
                rest = rest[range.upperBound...]
            } else if !part.isEmpty {
                return false
            }
        }
        return rest.isEmpty || parts.last?.isEmpty == true
    }
}
