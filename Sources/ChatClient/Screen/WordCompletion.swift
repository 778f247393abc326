import Foundation

/// Tab completion of the word before the cursor: first completes as far as all candidates agree, then cycles through
/// them.
struct WordCompletion: Equatable, Sendable {
    /// The words that can be completed.
    struct Vocabulary: Sendable {
        var commands: [String] = Command.names
        var rooms: [String] = []
        var users: [String] = []
        var privateUsers: [String] = []
    }

    /// The possible replacements of the word.
    let candidates: [String]
    /// The word's beginning, in characters.
    let start: Int
    /// The end of what completion has inserted.
    private(set) var end: Int
    private var chosen: Int?

    /// - Returns: `nil` if no candidate begins with the word before the cursor.
    init?(_ buffer: EditBuffer, _ vocabulary: Vocabulary) {
        let before = buffer.characters[..<buffer.cursor]
        start = before.lastIndex { $0.isWhitespace }.map { $0 + 1 } ?? 0
        end = buffer.cursor
        let word = String(before[start...])
        let earlier = String(before[..<start]).split(whereSeparator: \.isWhitespace).map(String.init)
        candidates = Self.candidates(for: word, after: earlier, vocabulary)
        if candidates.isEmpty { return nil }
    }

    /// Takes the next step.
    /// - Returns: the range to replace, and its replacement.
    mutating func next(backwards: Bool) -> (range: Range<Int>, text: String) {
        let range = start..<end
        let text: String
        if let chosen {
            self.chosen = (chosen + (backwards ? candidates.count - 1 : 1)) % candidates.count
            text = candidates[self.chosen ?? 0]
        } else if candidates.count == 1 {
            text = candidates[0]
        } else {
            let common = Self.commonPrefix(candidates)
            if common.count > range.count {
                text = common
            } else {
                chosen = backwards ? candidates.count - 1 : 0
                text = candidates[chosen ?? 0]
            }
        }
        end = start + text.count
        return (range, text)
    }

    private static func candidates(
        for word: String, after earlier: [String], _ vocabulary: Vocabulary
    ) -> [String] {
        if earlier.isEmpty, word.hasPrefix("/"), !word.hasPrefix("//") {
            return matching(word.lowercased(), vocabulary.commands).map { $0 + " " }
        }
        if word.hasPrefix("@"), word.count > 1 {
            return matching(String(word.dropFirst()), vocabulary.users).map { "@\($0) " }
        }
        if let first = earlier.first, first.hasPrefix("/"), !first.hasPrefix("//"),
            let command = Command.named(first)
        {
            let index = earlier.count - 1
            let kind = command.arguments.indices.contains(index) ? command.arguments[index] : command.arguments.last
            switch kind {
            case .room:
                let plus = word.hasPrefix("+") ? "+" : ""
                return matching(String(word.dropFirst(plus.count)), vocabulary.rooms).map { "\(plus)\($0) " }
            case .user: return matching(word, vocabulary.users + vocabulary.privateUsers).map { $0 + " " }
            case .command: return matching(word, vocabulary.commands.map { String($0.dropFirst()) })
            case .setting: return matching(word, ScreenSettings.names).map { $0 + " " }
            case .value: return matching(word, ScreenSettings.values(of: earlier.count > 1 ? earlier[1] : ""))
            case .number, nil: return []
            case .text: break
            }
        }
        if word.isEmpty { return [] }
        return matching(word, vocabulary.users).map { earlier.isEmpty ? "\($0): " : "\($0) " }
    }

    /// The names that begin with the word, without repetitions, in their order, ignoring case.
    private static func matching(_ word: String, _ names: [String]) -> [String] {
        let word = Folded(word)
        var seen: Set<String> = []
        return names.filter { Folded($0).begins(with: word) && seen.insert($0).inserted }
    }

    private static func commonPrefix(_ texts: [String]) -> String {
        guard var common = texts.first else { return "" }
        for text in texts.dropFirst() {
            let text = Folded(text)
            while !text.begins(with: Folded(common)) { common.removeLast() }
        }
        return common
    }

    /// A text as completion compares it: by the scalars that a keyboard sends one after the other, not by grapheme
    /// clusters. So 👩 is a prefix of 👩‍💻, and `e` of `é`, in either of its encodings.
    private struct Folded {
        private let scalars: String.UnicodeScalarView

        init(_ text: String) { scalars = text.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars }

        func begins(with other: Folded) -> Bool { scalars.starts(with: other.scalars) }
    }
}
