/// The line being written: keys in, effects out. Knows nothing of terminals.
///
/// The cursor moves by grapheme clusters, so that an emoji or an accented letter is one step however it is encoded.
struct LineEditor: Sendable {
    enum Effect: Equatable, Sendable {
        /// Nothing that the screen would show.
        case none
        case changed
        case submit(String)
        case endOfInput
        case interrupt
        case suspend
        case clearScreen
        /// The key could not do anything: no room left, nothing to delete.
        case bell
    }

    /// In grapheme clusters. No server takes a longer message.
    static let capacity = 16 * 1024

    private(set) var characters: [Character] = []
    /// 0 before the first character, `characters.count` after the last.
    private(set) var cursor = 0
    private var killed: [Character] = []
    private var history = InputHistory()

    var text: String { String(characters) }

    mutating func handle(_ key: Key) -> Effect {
        switch key {
        case .insert(let scalar): insert(scalar)
        case .pastedBreak: insert(" ")
        case .enter: submit()
        case .left: move(to: cursor - 1)
        case .right: move(to: cursor + 1)
        case .wordLeft: move(to: wordStart)
        case .wordRight: move(to: wordEnd)
        case .home: move(to: 0)
        case .end: move(to: characters.count)
        case .up: replace(with: history.older(than: text))
        case .down: replace(with: history.newer())
        case .backspace: remove(from: cursor - 1, to: cursor)
        case .delete: remove(from: cursor, to: cursor + 1)
        case .killToEnd: kill(from: cursor, to: characters.count)
        case .killToStart: kill(from: 0, to: cursor)
        case .killWordBack: kill(from: spacedWordStart, to: cursor)
        case .killWordForward: kill(from: cursor, to: wordEnd)
        case .yank: yank()
        case .clearScreen: .clearScreen
        case .endOfInput: characters.isEmpty ? .endOfInput : remove(from: cursor, to: cursor + 1)
        case .interrupt: .interrupt
        case .suspend: .suspend
        case .ignored: .none
        }
    }

    /// Puts a line back that could not be sent, before anything typed since.
    mutating func restore(_ line: String) {
        characters = Array(line) + characters
        cursor = characters.count
    }

    private mutating func insert(_ scalar: Unicode.Scalar) -> Effect {
        if cursor > 0 {
            // A combining mark, a joiner or half a flag completes the character before it.
            var joined = String(characters[cursor - 1])
            joined.unicodeScalars.append(scalar)
            if joined.count == 1, joined.unicodeScalars.count <= 32 {
                characters[cursor - 1] = Character(joined)
                return .changed
            }
        }
        guard characters.count < Self.capacity else { return .bell }
        characters.insert(Character(scalar), at: cursor)
        cursor += 1
        return .changed
    }

    private mutating func submit() -> Effect {
        let line = text
        characters = []
        cursor = 0
        history.add(line)
        return .submit(line)
    }

    private mutating func move(to position: Int) -> Effect {
        guard (0...characters.count).contains(position), position != cursor else { return .none }
        cursor = position
        return .changed
    }

    private mutating func replace(with line: String?) -> Effect {
        guard let line else { return .bell }
        characters = Array(line)
        cursor = characters.count
        return .changed
    }

    private mutating func remove(from start: Int, to end: Int) -> Effect {
        guard start >= 0, end <= characters.count, start < end else { return .bell }
        characters.removeSubrange(start..<end)
        cursor = start
        return .changed
    }

    private mutating func kill(from start: Int, to end: Int) -> Effect {
        guard start < end else { return .none }
        killed = Array(characters[start..<end])
        return remove(from: start, to: end)
    }

    private mutating func yank() -> Effect {
        guard !killed.isEmpty, characters.count + killed.count <= Self.capacity else { return .bell }
        characters.insert(contentsOf: killed, at: cursor)
        cursor += killed.count
        return .changed
    }

    /// As Alt-B sees it: a word is letters and digits.
    private var wordStart: Int {
        var position = cursor
        while position > 0, !Self.isWord(characters[position - 1]) { position -= 1 }
        while position > 0, Self.isWord(characters[position - 1]) { position -= 1 }
        return position
    }

    private var wordEnd: Int {
        var position = cursor
        while position < characters.count, !Self.isWord(characters[position]) { position += 1 }
        while position < characters.count, Self.isWord(characters[position]) { position += 1 }
        return position
    }

    /// As Ctrl-W sees it: a word is what stands between spaces.
    private var spacedWordStart: Int {
        var position = cursor
        while position > 0, characters[position - 1].isWhitespace { position -= 1 }
        while position > 0, !characters[position - 1].isWhitespace { position -= 1 }
        return position
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }
}
