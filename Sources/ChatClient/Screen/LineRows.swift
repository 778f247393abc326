/// Lays out one line of a window as rows of cells. This is the only place on the screen where strangers' words become
/// cells: all of them pass through ``SafeText`` or ``ShownName`` here.
///
/// A message has its sender's name and a bar in front, and a bar on its further rows. Names have no spaces. So no
/// message and no name can look like a line of the client itself, which has no name and another bar.
struct LineRows: Sendable {
    let width: Int
    let theme: Theme
    let clock: LocalClock
    /// The user's own name.
    let username: String

    private var isNarrow: Bool { width < 50 }
    /// Names are right-aligned in a column of this many cells; longer ones take what they need.
    private var nameWidth: Int { isNarrow ? 0 : min(16, max(8, width / 8)) }
    private var timeWidth: Int { isNarrow ? 0 : 6 }

    func rows(of line: ScrollbackLine) -> [[Cell]] {
        switch line.kind {
        case .message, .own:
            let (bar, text) = Self.speech(line.text)
            let style = line.kind == .own ? theme.own : theme.name(line.sender)
            let name = line.isMention ? theme.mention.with(.reversed) : style
            let body: Style = bar == "*" ? Style(attributes: .italic) : .plain
            return speech(line, name: ShownName.text(line.sender), name, bar, text, body)
        case .pending:
            let (bar, text) = Self.speech(line.text)
            return speech(
                line, name: ShownName.text(username), theme.pending, bar == "*" ? "*" : "…", text, theme.pending)
        case .failed:
            let why = Cell.cells(" (not sent: \(SafeText.prose(line.sender)); /resend tries again)", theme.failure)
            return speech(
                line, name: ShownName.text(username), theme.failure, "✗", Self.shortened(line.text), theme.pending,
                tail: why)
        case .notice: return told(line, theme.quiet)
        case .status: return told(line, theme.status)
        case .gap: return told(line, theme.warning)
        case .answer: return told(line, .plain)
        }
    }

    /// A line across the pane with words in it.
    func rule(_ words: String, _ style: Style) -> [Cell] {
        let words = Cell.cells(DisplayWidth.prefix(of: " \(words) ", fitting: max(0, width - 4)), style)
        let used = words.reduce(0) { $0 + Int($1.width) }
        let left = max(0, (width - used) / 2)
        let dash = Cell(character: "─", width: 1, style: style)
        return Array(repeating: dash, count: left) + words
            + Array(repeating: dash, count: max(0, width - used - left))
    }

    // MARK: Parts

    private func speech(
        _ line: ScrollbackLine, name: String, _ nameStyle: Style, _ bar: Character, _ text: String, _ body: Style,
        tail: [Cell] = []
    ) -> [[Cell]] {
        let nameCells = Cell.cells(name, nameStyle)
        let used = nameCells.reduce(0) { $0 + Int($1.width) }
        let padding = Cell.cells(String(repeating: " ", count: max(0, nameWidth - used)), .plain)
        let first = time(line) + padding + nameCells + separator(bar)
        let further = Cell.cells(String(repeating: " ", count: timeWidth + nameWidth), .plain) + separator("│")
        var paragraphs = Self.paragraphs(text).map { Cell.cells(SafeText.prose($0), body) }
        if !tail.isEmpty, let last = paragraphs.indices.last { paragraphs[last] += tail }
        return assemble(paragraphs, first: first, further: further)
    }

    private func told(_ line: ScrollbackLine, _ style: Style) -> [[Cell]] {
        let indent = Cell.cells(String(repeating: " ", count: nameWidth), .plain)
        let mark: Character = line.kind == .gap ? "!" : "┊"
        let first = time(line) + indent + separator(mark)
        let further = Cell.cells(String(repeating: " ", count: timeWidth), .plain) + indent + separator("┊")
        let paragraphs = Self.paragraphs(line.text).map { Cell.cells(SafeText.prose($0), style) }
        return assemble(paragraphs, first: first, further: further)
    }

    private func time(_ line: ScrollbackLine) -> [Cell] {
        isNarrow ? [] : Cell.cells(clock.hourAndMinute(line.time) + " ", theme.time)
    }

    private func separator(_ bar: Character) -> [Cell] {
        Cell.cells(" \(bar) ", theme.rule)
    }

    private func assemble(_ paragraphs: [[Cell]], first: [Cell], further: [Cell]) -> [[Cell]] {
        let furtherWidth = further.reduce(0) { $0 + Int($1.width) }
        var firstWidth = first.reduce(0) { $0 + Int($1.width) }
        var rows: [[Cell]] = []
        var prefix = first
        if firstWidth > furtherWidth, width - firstWidth < 12 {
            // The name fills the row, so its words begin on the next one.
            rows.append(Array(first.prefix(while: fitting(width))))
            prefix = further
            firstWidth = furtherWidth
        }
        for (index, paragraph) in paragraphs.enumerated() {
            let leading = index == 0 ? firstWidth : furtherWidth
            let wrapped = Wrapping.rows(paragraph, width: width - furtherWidth, first: width - leading)
            for row in wrapped {
                rows.append(prefix + row)
                prefix = further
            }
        }
        return rows
    }

    private func fitting(_ width: Int) -> (Cell) -> Bool {
        var used = 0
        return { cell in
            used += Int(cell.width)
            return used <= width
        }
    }

    /// `/me waves` is the form in which a user says that they wave.
    private static func speech(_ text: String) -> (bar: Character, text: String) {
        text.hasPrefix("/me ") ? ("*", String(text.dropFirst(4))) : ("│", text)
    }

    /// How much of a line that was not sent is shown again, in characters.
    private static let mostOfFailed = 500

    private static func shortened(_ text: String) -> String {
        text.count > mostOfFailed ? text.prefix(mostOfFailed) + "…" : text
    }

    /// The parts between line breaks of any kind.
    private static func paragraphs(_ text: String) -> [String] {
        if !text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x80 }) { return [text] }
        var parts = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        while parts.count > 1, parts.last?.isEmpty ?? false { parts.removeLast() }
        return parts
    }
}
