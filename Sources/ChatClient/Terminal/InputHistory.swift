/// The lines that were entered before. Up and Down walk through them; the text being written comes after the newest.
struct InputHistory: Sendable {
    /// The greatest number of lines; beyond it the oldest are dropped.
    static let capacity = 500

    private(set) var lines: [String] = []
    /// The index of the line that is shown; `nil` for the text being written.
    private var position: Int?
    private var draft = ""

    init(lines: [String] = []) {
        self.lines = Array(lines.suffix(Self.capacity))
    }

    /// - Returns: whether the line was added; empty lines and repetitions of the last one are not.
    @discardableResult
    mutating func add(_ line: String) -> Bool {
        position = nil
        guard !line.isEmpty, line != lines.last else { return false }
        lines.append(line)
        if lines.count > Self.capacity { lines.removeFirst() }
        return true
    }

    mutating func older(than current: String) -> String? {
        let next = (position ?? lines.count) - 1
        guard lines.indices.contains(next) else { return nil }
        if position == nil { draft = current }
        position = next
        return lines[next]
    }

    mutating func newer() -> String? {
        guard let position else { return nil }
        if position + 1 < lines.count {
            self.position = position + 1
            return lines[position + 1]
        }
        self.position = nil
        return draft
    }

    /// Returns to the text being written. - Returns: that text, and the old line that was shown; `nil` if none was.
    mutating func stopWalking() -> (draft: String, shown: String)? {
        guard let position, lines.indices.contains(position) else { return nil }
        self.position = nil
        return (draft, lines[position])
    }

    /// The newest line before `index` that contains `words`, or the oldest one after it.
    func match(_ words: String, before index: Int) -> Int? {
        lines[..<min(max(0, index), lines.count)].lastIndex { $0.contains(words) }
    }

    func match(_ words: String, after index: Int) -> Int? {
        let start = min(max(0, index + 1), lines.count)
        return lines[start...].firstIndex { $0.contains(words) }
    }
}
