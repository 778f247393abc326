/// Killing and yanking.
extension LineEditor {
    private static let mostKills = 16

    /// For Ctrl-Y.
    mutating func keep(killed text: [Character]) {
        if text.isEmpty { return }
        kills.append(text)
        if kills.count > Self.mostKills { kills.removeFirst() }
    }

    /// To the end of the line, or there the line break itself.
    var killEnd: Int {
        let end = buffer.lineEnd
        return end == cursor && end < characters.count ? end + 1 : end
    }

    mutating func kill(_ range: Range<Int>) -> Effect {
        guard !range.isEmpty else { return .none }
        let killed = Array(characters[range])
        if isKilling, let last = kills.popLast() {
            kills.append(last + killed)
        } else {
            kills.append(killed)
        }
        return forget(range)
    }

    /// From `start` to the cursor.
    mutating func kill(backwards start: Int) -> Effect {
        guard start < cursor else { return .none }
        let killed = Array(characters[start..<cursor])
        if isKilling, let last = kills.popLast() {
            kills.append(killed + last)
        } else {
            kills.append(killed)
        }
        return forget(start..<cursor)
    }

    private mutating func forget(_ range: Range<Int>) -> Effect {
        if let last = kills.last, last.count > Self.capacity {
            kills[kills.count - 1] = Array(last.prefix(Self.capacity))
        }
        if kills.count > Self.mostKills { kills.removeFirst() }
        return remove(range)
    }

    mutating func yank() -> Effect {
        guard let killed = kills.last else { return .bell }
        return put(killed, number: kills.count - 1)
    }

    mutating func yankOlder() -> Effect {
        guard wasYank, let yanked, !kills.isEmpty, yanked.range.upperBound <= characters.count else { return .bell }
        let number = (yanked.kill + kills.count - 1) % kills.count
        buffer.characters.removeSubrange(yanked.range)
        buffer.cursor = yanked.range.lowerBound
        return put(kills[number], number: number)
    }

    private mutating func put(_ killed: [Character], number: Int) -> Effect {
        guard characters.count + killed.count <= Self.capacity else { return .bell }
        buffer.characters.insert(contentsOf: killed, at: cursor)
        yanked = (cursor..<cursor + killed.count, number)
        buffer.cursor += killed.count
        return .changed
    }
}
