/// Killed texts, of which the latest is put back by Ctrl-Y, and the ones before it by Alt-Y after that.
struct KillRing: Sendable {
    private static let most = 16

    /// The latest last.
    private var texts: [[Character]] = []
    /// The one that was put back last, by its index.
    private var taken = 0

    enum Side: Equatable, Sendable {
        case before
        case after
    }

    /// One more text. An empty one is none.
    mutating func add(_ text: [Character]) {
        if text.isEmpty { return }
        texts.append(Array(text.prefix(LineEditor.capacity)))
        if texts.count > Self.most { texts.removeFirst() }
    }

    /// More of the latest text: kills in a row make one.
    mutating func extend(_ text: [Character], _ side: Side) {
        guard let last = texts.popLast() else { return add(text) }
        add(side == .before ? text + last : last + text)
    }

    /// The latest.
    mutating func latest() -> [Character]? {
        taken = texts.count - 1
        return texts.last
    }

    /// The one before the one that was taken last; before the first one comes the latest.
    mutating func older() -> [Character]? {
        guard !texts.isEmpty else { return nil }
        taken = (taken + texts.count - 1) % texts.count
        return texts[taken]
    }
}
