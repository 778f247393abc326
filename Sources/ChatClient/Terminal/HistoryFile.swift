/// The file format of the input history: one line per entry, with line breaks and backslashes escaped.
enum HistoryFile {
    static func text(for entry: String) -> String {
        var text = ""
        for character in entry {
            switch character {
            case "\\": text += "\\\\"
            case _ where character.isNewline: text += "\\n"
            default: text.append(character)
            }
        }
        return text + "\n"
    }

    /// The newest entry last; at most ``InputHistory/capacity``.
    static func entries(in text: String) -> [String] {
        text.split(separator: "\n").suffix(InputHistory.capacity).map { line in
            var entry = ""
            var isEscaped = false
            for character in line {
                if isEscaped {
                    entry.append(character == "n" ? "\n" : character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else {
                    entry.append(character)
                }
            }
            return entry
        }
    }

    /// Whether the file is so much longer than what is read of it that it should be rewritten.
    static func isOverlong(_ text: String) -> Bool {
        text.utf8.count { $0 == UInt8(ascii: "\n") } > 2 * InputHistory.capacity
    }
}
