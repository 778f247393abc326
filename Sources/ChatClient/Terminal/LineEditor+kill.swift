/// Kill and yank.
extension LineEditor {
    /// The end of the line; at the end of a line, the index after its line break.
    var killEnd: Int {
        let end = buffer.lineEnd
        return end == cursor && end < characters.count ? end + 1 : end
    }

    mutating func kill(_ range: Range<Int>) -> Effect { kill(range, .after) }

    /// Kills from `start` to the cursor.
    mutating func kill(backwards start: Int) -> Effect {
        guard start < cursor else { return .none }
        return kill(start..<cursor, .before)
    }

    private mutating func kill(_ range: Range<Int>, _ side: KillRing.Side) -> Effect {
        guard !range.isEmpty else { return .none }
        let killed = Array(characters[range])
        if isKilling { kills.extend(killed, side) } else { kills.add(killed) }
        return remove(range)
    }

    mutating func yank() -> Effect { kills.latest().map { put($0) } ?? .bell }

    mutating func yankOlder() -> Effect {
        guard wasYank, let yanked, yanked.upperBound <= characters.count, let killed = kills.older() else {
            return .bell
        }
        buffer.characters.removeSubrange(yanked)
        buffer.cursor = yanked.lowerBound
        return put(killed)
    }

    private mutating func put(_ killed: [Character]) -> Effect {
        guard characters.count + killed.count <= Self.capacity else { return .bell }
        buffer.characters.insert(contentsOf: killed, at: cursor)
        yanked = cursor..<cursor + killed.count
        buffer.cursor += killed.count
        return .changed
    }
}
