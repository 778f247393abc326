/// Finds out whether a text mentions a user.
enum Mention {
    /// Whether the name occurs as a whole word, in any case, with or without an `@`.
    static func names(_ user: String, in text: String) -> Bool {
        guard !user.isEmpty, text.utf8.count >= user.utf8.count else { return false }
        let name = user.lowercased()
        let text = text.lowercased()
        var rest = text[...]
        while let found = rest.firstRange(of: name) {
            let before = found.lowerBound > text.startIndex ? text[text.index(before: found.lowerBound)] : " "
            let after = found.upperBound < text.endIndex ? text[found.upperBound] : " "
            if !isWord(before), !isWord(after) { return true }
            rest = text[text.index(after: found.lowerBound)...]
        }
        return false
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
