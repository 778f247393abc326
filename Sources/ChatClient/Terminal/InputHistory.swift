/// The lines entered before, walked with Up and Down; the line being written is kept beyond the newest.
struct InputHistory: Sendable {
    /// The oldest beyond this are forgotten.
    static let capacity = 200

    private var lines: [String] = []
    /// Where the user is; `nil` on the line being written.
    private var position: Int?
    private var draft = ""

    mutating func add(_ line: String) {
        position = nil
        guard !line.isEmpty, line != lines.last else { return }
        lines.append(line)
        if lines.count > Self.capacity { lines.removeFirst() }
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
}
