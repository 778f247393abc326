/// Killed texts. Ctrl-Y inserts the latest one; Alt-Y after it replaces it by the one before.
struct KillRing: Sendable {
    private static let most = 16

    /// The latest text last.
    private var texts: [[Character]] = []
    /// The index of the text that was inserted last.
    private var taken = 0

    enum Side: Equatable, Sendable {
        case before
        case after
    }

    /// Adds a text, unless it is empty.
    mutating func add(_ text: [Character]) {
        if text.isEmpty { return }
        texts.append(Array(text.prefix(LineEditor.capacity)))
        if texts.count > Self.most { texts.removeFirst() }
    }

    /// Extends the latest text, because successive kills form one text.
    mutating func extend(_ text: [Character], _ side: Side) {
        guard let last = texts.popLast() else { return add(text) }
        add(side == .before ? text + last : last + text)
    }

    /// The latest text.
    mutating func latest() -> [Character]? {
        taken = texts.count - 1
        return texts.last
    }

    /// The text before the one that was inserted last; the latest one after the oldest.
    mutating func older() -> [Character]? {
        guard !texts.isEmpty else { return nil }
        taken = (taken + texts.count - 1) % texts.count
        return texts[taken]
    }
}
