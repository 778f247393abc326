import Foundation
import Testing

/// The checkout that these tests were built from.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardizedFileURL

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// The paths of the files below a folder whose names end so, from the root on.
    static func files(under folder: String, ending suffix: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (all?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
            .sorted()
    }

    /// All pages for people.
    static let pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md"] + files(under: "docs", ending: ".md")

    /// All of the program's own text, comments included.
    static func sources() throws -> String {
        try files(under: "Sources", ending: ".swift").map(text).joined(separator: "\n")
    }
}

/// One part of a page, from its heading to the next of the same level or a higher one.
struct Section {
    let text: String

    /// - Parameter heading: with its marks, as it stands there.
    init(_ heading: String, of page: String) throws {
        let lines = try Checkout.text(page).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: heading), "\(page) has no “\(heading)”")
        let level = heading.prefix { $0 == "#" }.count
        let rest = lines[(start + 1)...]
        let end = rest.firstIndex { line in
            let marks = line.prefix { $0 == "#" }.count
            return (1...level).contains(marks) && line.dropFirst(marks).hasPrefix(" ")
        }
        text = rest[..<(end ?? rest.endIndex)].joined(separator: "\n")
    }

    /// The cells of its tables' rows, without heads and rules.
    var rows: [[String]] {
        let lines = text.components(separatedBy: "\n")
        return lines.indices.compactMap { index in
            let isHead = index + 1 < lines.count && Self.isRule(lines[index + 1])
            guard lines[index].hasPrefix("|"), !isHead, !Self.isRule(lines[index]) else { return nil }
            return lines[index].replacing("\\|", with: "\u{0}").split(separator: "|", omittingEmptySubsequences: false)
                .dropFirst().dropLast().map { $0.replacing("\u{0}", with: "|").trimmingCharacters(in: .whitespaces) }
        }
    }

    private static func isRule(_ line: String) -> Bool { line.hasPrefix("| ---") || line.hasPrefix("|---") }
}

extension String {
    /// What stands between backticks in it, but for blocks between fences.
    var codes: [String] {
        let lines = components(separatedBy: "\n")
        let isFence = lines.map { $0.hasPrefix("```") }
        var isInside = false
        let prose = zip(lines, isFence).filter { _, isFence in
            if isFence { isInside.toggle() }
            return !isFence && !isInside
        }
        return prose.map(\.0).joined(separator: "\n").matches(of: /`([^`]+)`/).map { String($0.1) }
    }
}
