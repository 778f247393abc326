/// The editor of the text being written: takes keys, returns effects. It knows nothing of terminals.
///
/// Keys do what they do in readline's emacs mode. The cursor moves by grapheme clusters, so an emoji or an accented
/// letter is one step in every encoding.
struct LineEditor: Sendable {
    enum Effect: Equatable, Sendable {
        /// Nothing visible changed.
        case none
        case changed
        case submit(String)
        case endOfInput
        case interrupt
        case suspend
        case clearScreen
        /// The key could do nothing: there is no room left, or nothing to delete.
        case bell
    }

    /// In grapheme clusters. Far more than a server accepts, so that after too long a paste the client can say by how
    /// much.
    static let capacity = 128 * 1024

    /// Whether the text may have several lines; otherwise a pasted line break becomes a space.
    let allowsBreaks: Bool
    var buffer = EditBuffer()
    var kills = KillRing()
    private var undone = UndoList()
    private var lastKey: Key?
    /// The range of the last yanked text.
    var yanked: Range<Int>?
    var history: InputHistory
    /// The search through the history, if one is under way.
    private(set) var search: HistorySearch?

    init(allowsBreaks: Bool = false, history: InputHistory = InputHistory()) {
        self.allowsBreaks = allowsBreaks
        self.history = history
    }

    var characters: [Character] { buffer.characters }
    /// 0 before the first character, `characters.count` after the last.
    var cursor: Int { buffer.cursor }
    var text: String { String(buffer.characters) }
    var isEmpty: Bool { buffer.characters.isEmpty }

    mutating func handle(_ key: Key) -> Effect {
        if search != nil, let effect = searching(key) { return effect }
        if continuesWord(key) {
            // Returns early, because otherwise a long paste would copy the buffer with each character.
            lastKey = key
            return act(on: key)
        }
        let before = buffer
        let effect = act(on: key)
        if buffer.characters != before.characters { remember(before, key) }
        lastKey = key
        return effect
    }

    private mutating func act(on key: Key) -> Effect {
        switch key {
        case .insert(let scalar): insert(scalar)
        case .pastedBreak: insert(allowsBreaks ? "\n" : " ")
        case .lineBreak: allowsBreaks ? insert("\n") : .none
        case .enter: submit()
        case .left: move(to: cursor - 1)
        case .right: move(to: cursor + 1)
        case .wordLeft: move(to: buffer.wordStart)
        case .wordRight: move(to: buffer.wordEnd)
        // Without windows, Alt with an arrow moves by words, as in most shells.
        case .previousWindow: move(to: buffer.wordStart)
        case .nextWindow: move(to: buffer.wordEnd)
        case .home: move(to: buffer.lineStart)
        case .end: move(to: buffer.lineEnd)
        case .up: buffer.above.map { move(to: $0) } ?? replace(with: history.older(than: text))
        case .down: buffer.below.map { move(to: $0) } ?? replace(with: history.newer())
        case .backspace: remove(cursor - 1..<cursor)
        case .delete: remove(cursor..<cursor + 1)
        case .killToEnd: kill(cursor..<killEnd)
        case .killToStart: kill(backwards: buffer.lineStart)
        case .killWordBack: kill(backwards: buffer.spacedWordStart)
        case .killWordForward: kill(cursor..<buffer.wordEnd)
        case .yank: yank()
        case .yankOlder: yankOlder()
        case .transpose: buffer.transpose() ? .changed : .bell
        case .transposeWords: buffer.transposeWords() ? .changed : .bell
        case .uppercase: buffer.changeWord { $0.uppercased() } ? .changed : .bell
        case .lowercase: buffer.changeWord { $0.lowercased() } ? .changed : .bell
        case .capitalize:
            buffer.changeWord { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() } ? .changed : .bell
        case .undo: undo()
        case .searchBack, .searchForward:
            beginSearch()
        case .clearScreen: .clearScreen
        case .endOfInput: isEmpty ? .endOfInput : remove(cursor..<cursor + 1)
        case .interrupt: .interrupt
        case .suspend: .suspend
        case .complete, .completeBack, .cancel, .pageUp, .pageDown, .scrollUp, .scrollDown, .scrollToTop, .scrollToEnd,
            .window, .nextActiveWindow, .focused, .ignored:
            .none
        }
    }

    /// Puts a line that could not be sent back in front of anything typed since.
    mutating func restore(_ line: String) {
        let before = buffer
        buffer = EditBuffer(Array(line) + characters)
        remember(before, nil)
    }

    /// Exchanges the text with another one, for a switch between windows.
    mutating func exchange(_ other: EditBuffer) -> EditBuffer {
        // An unchanged line from the history is not the text being written; a changed one is.
        var written = search?.original ?? buffer
        if let (draft, shown) = history.stopWalking() {
            if String(written.characters) == shown {
                written = EditBuffer(Array(draft))
            } else {
                kills.add(Array(draft))
            }
        }
        search = nil
        buffer = other
        undone = UndoList()
        lastKey = nil
        yanked = nil
        return written
    }

    /// Replaces a range of the text.
    mutating func substitute(_ range: Range<Int>, with text: String) {
        let before = buffer
        let range = range.clamped(to: 0..<characters.count)
        buffer.characters.replaceSubrange(range, with: Array(text))
        buffer.cursor = range.lowerBound + text.count
        remember(before, nil)
    }

    private mutating func insert(_ scalar: Unicode.Scalar) -> Effect {
        if cursor > 0, scalar.value >= 0x300 || scalar == "\n" {
            // A combining mark, a joiner or half a flag completes the character before it.
            var joined = String(characters[cursor - 1])
            joined.unicodeScalars.append(scalar)
            if joined.count == 1, joined.unicodeScalars.count <= 32 {
                buffer.characters[cursor - 1] = Character(joined)
                return .changed
            }
        }
        guard characters.count < Self.capacity else { return .bell }
        buffer.characters.insert(Character(scalar), at: cursor)
        buffer.cursor += 1
        return .changed
    }

    private mutating func submit() -> Effect {
        let line = text
        buffer = EditBuffer()
        undone = UndoList()
        history.add(line)
        return .submit(line)
    }

    private mutating func move(to position: Int) -> Effect {
        guard (0...characters.count).contains(position), position != cursor else { return .none }
        buffer.cursor = position
        return .changed
    }

    private mutating func replace(with line: String?) -> Effect {
        guard let line else { return .bell }
        buffer = EditBuffer(Array(line))
        return .changed
    }

    mutating func remove(_ range: Range<Int>) -> Effect {
        guard range.lowerBound >= 0, range.upperBound <= characters.count, !range.isEmpty else { return .bell }
        buffer.characters.removeSubrange(range)
        buffer.cursor = range.lowerBound
        return .changed
    }

    /// Whether the last key was a kill, so that the next kill extends its text.
    var isKilling: Bool {
        switch lastKey {
        case .killToEnd, .killToStart, .killWordBack, .killWordForward: true
        default: false
        }
    }

    var wasYank: Bool { lastKey == .yank || lastKey == .yankOlder }

    // MARK: Undo

    /// Whether the key continues a word; a word typed without a break is undone as a whole.
    private func continuesWord(_ key: Key) -> Bool {
        guard case .insert(let scalar) = key, case .insert = lastKey else { return false }
        return scalar != " " && !undone.isEmpty
    }

    private mutating func remember(_ before: EditBuffer, _ key: Key?) {
        if key != .undo, key != .enter { undone.remember(before) }
    }

    private mutating func undo() -> Effect {
        guard let before = undone.takeBack() else { return .bell }
        buffer = before
        return .changed
    }

    // MARK: Search

    private mutating func beginSearch() -> Effect {
        search = HistorySearch(original: buffer)
        return .changed
    }

    /// - Returns: `nil` if the key ended the search and must be handled normally.
    private mutating func searching(_ key: Key) -> Effect? {
        guard var search else { return nil }
        switch key {
        case .insert(let scalar): search.words.unicodeScalars.append(scalar)
        case .backspace: if !search.words.isEmpty { search.words.removeLast() }
        case .searchBack, .searchForward: break
        case .cancel, .ignored, .interrupt:
            buffer = search.original
            self.search = nil
            return .changed
        case .focused: return Effect.none
        default:
            self.search = nil
            return nil
        }
        let isFound = search.look(in: history, for: key)
        if let found = search.match, history.lines.indices.contains(found) {
            buffer = EditBuffer(Array(history.lines[found]))
        }
        self.search = search
        return isFound ? .changed : .bell
    }
}
