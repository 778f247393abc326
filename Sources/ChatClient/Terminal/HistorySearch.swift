/// A search through the history, begun with Ctrl-R.
struct HistorySearch: Sendable {
    var words = ""
    let original: EditBuffer
    /// The index of the line that is shown.
    var match: Int?
    var isFailing = false

    init(original: EditBuffer) {
        self.original = original
    }

    /// Searches in the direction of the key.
    /// - Returns: whether a line was found.
    mutating func look(in history: InputHistory, for key: Key) -> Bool {
        if words.isEmpty { return true }
        let found =
            switch key {
            case .searchBack: history.match(words, before: match ?? history.lines.count)
            case .searchForward: history.match(words, after: match ?? -1)
            default: history.match(words, before: (match ?? history.lines.count - 1) + 1)
            }
        isFailing = found == nil
        if let found { match = found }
        return found != nil
    }
}
