/// A text with a cursor.
struct EditBuffer: Equatable, Sendable {
    var characters: [Character] = []
    /// 0 before the first character, `characters.count` after the last.
    var cursor = 0

    init() {}

    /// Puts the cursor at the end.
    init(_ characters: [Character]) {
        self.characters = characters
        cursor = characters.count
    }

    // MARK: Lines

    var lineStart: Int {
        characters[..<cursor].lastIndex { $0.isNewline }.map { $0 + 1 } ?? 0
    }

    var lineEnd: Int {
        characters[cursor...].firstIndex { $0.isNewline } ?? characters.count
    }

    /// The index above the cursor; `nil` on the first line.
    var above: Int? {
        let start = lineStart
        guard start > 0 else { return nil }
        let end = start - 1
        let previous = characters[..<end].lastIndex { $0.isNewline }.map { $0 + 1 } ?? 0
        return min(previous + cursor - start, end)
    }

    /// The index below the cursor; `nil` on the last line.
    var below: Int? {
        let end = lineEnd
        guard end < characters.count else { return nil }
        let next = end + 1
        let nextEnd = characters[next...].firstIndex { $0.isNewline } ?? characters.count
        return min(next + cursor - lineStart, nextEnd)
    }

    // MARK: Words

    /// The beginning of the word before the cursor, where a word consists of letters and digits (Alt-B).
    var wordStart: Int { wordStart(before: cursor) }
    var wordEnd: Int { wordEnd(after: cursor) }

    private func wordStart(before place: Int) -> Int {
        var position = place
        while position > 0, !Self.isWord(characters[position - 1]) { position -= 1 }
        while position > 0, Self.isWord(characters[position - 1]) { position -= 1 }
        return position
    }

    private func wordEnd(after place: Int) -> Int {
        var position = place
        while position < characters.count, !Self.isWord(characters[position]) { position += 1 }
        while position < characters.count, Self.isWord(characters[position]) { position += 1 }
        return position
    }

    /// The beginning of the word before the cursor, where spaces separate words (Ctrl-W).
    var spacedWordStart: Int {
        var position = cursor
        while position > 0, characters[position - 1].isWhitespace { position -= 1 }
        while position > 0, !characters[position - 1].isWhitespace { position -= 1 }
        return position
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    /// Changes the rest of the word at the cursor, and moves behind it.
    mutating func changeWord(_ change: (String) -> String) -> Bool {
        var start = cursor
        while start < characters.count, !Self.isWord(characters[start]) { start += 1 }
        let end = wordEnd(after: start)
        guard start < end else { return false }
        let changed = Array(change(String(characters[start..<end])))
        characters.replaceSubrange(start..<end, with: changed)
        cursor = start + changed.count
        return true
    }

    /// Swaps the characters around the cursor; at the end of the text, the last two.
    mutating func transpose() -> Bool {
        guard characters.count > 1, cursor > 0 else { return false }
        let right = min(cursor, characters.count - 1)
        characters.swapAt(right - 1, right)
        cursor = right + 1
        return true
    }

    /// Swaps the words around the cursor; at the end of the text, the last two.
    mutating func transposeWords() -> Bool {
        var end = wordEnd(after: cursor)
        var start = wordStart(before: end)
        if start == end || !Self.isWord(characters[start]) || end > characters.count {
            end = cursor
            start = wordStart(before: end)
        }
        // There is no word to the right of the last one.
        while end > start, !Self.isWord(characters[end - 1]) { end -= 1 }
        let firstStart = wordStart(before: start)
        let firstEnd = wordEnd(after: firstStart)
        guard firstStart < firstEnd, firstEnd <= start, start < end else { return false }
        let words = characters[start..<end] + characters[firstEnd..<start] + characters[firstStart..<firstEnd]
        characters.replaceSubrange(firstStart..<end, with: words)
        cursor = end
        return true
    }
}
