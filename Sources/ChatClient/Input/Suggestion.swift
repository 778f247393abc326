/// Finds the word that was probably meant by a mistyped one.
enum Suggestion {
    /// The candidate that begins with `word`; otherwise the one with the fewest edits, at most two and fewer than the
    /// word has letters.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.count > 1, word.count <= 32 else { return nil }
        if let completed = candidates.first(where: { $0.hasPrefix(word) }) { return completed }
        let ranked = candidates.map { (candidate: $0, edits: edits(from: word, to: $0)) }
        guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits <= 2, best.edits < word.count - 1 else {
            return nil
        }
        return best.candidate
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func edits(from source: String, to target: String) -> Int {
        let source = Array(source)
        let target = Array(target)
        var beforeLast: [Int] = []
        var last = Array(0...target.count)
        for row in source.indices {
            var current = [row + 1]
            for column in target.indices {
                let same = source[row] == target[column]
                var cost = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[target.count]
    }
}
