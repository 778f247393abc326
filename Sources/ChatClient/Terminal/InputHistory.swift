/// The lines entered before, walked with Up and Down; the line being written is kept beyond the newest.
struct InputHistory: Sendable {
    /// The oldest beyond this are forgotten.
    static let capacity = 500

    private(set) var lines: [String] = []
    /// Where the user is; `nil` on the line being written.
    private var position: Int?
    private var draft = ""

    init(lines: [String] = []) {
        self.lines = Array(lines.suffix(Self.capacity))
    }

    /// - Returns: whether it is new; an empty line is not, nor is the same again.
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

    /// Goes back to the line being written. - Returns: it, and the old one that was shown in its place; `nil` where none was.
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
