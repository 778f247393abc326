/// The bottom row: a prompt and as much of the line being written as fits, always one row.
///
/// It scrolls sideways instead of wrapping, so that it can be wiped and drawn again without knowing where it began.
struct PromptLine: Equatable, Sendable {
    /// What to draw, free of control characters.
    var text: String
    /// In cells from the left edge.
    var cursorColumn: Int

    /// - Parameter width: of the terminal in cells; the last one stays empty, since terminals differ in when they wrap.
    init(prompt: String, characters: [Character], cursor: Int, width: Int) {
        let prompt = DisplayWidth.prefix(of: SafeText.prose(prompt), fitting: max(0, width / 2))
        let promptWidth = DisplayWidth.of(prompt)
        let room = max(1, width - 1 - promptWidth)

        // The longest stretch before the cursor that fits, then whatever still fits behind it.
        var start = cursor
        var before = 0
        while start > 0, before + Self.width(characters[start - 1]) < room {
            start -= 1
            before += Self.width(characters[start])
        }
        // A mark in the first cell says that something stands further left.
        if start > 0, start < cursor {
            before -= Self.width(characters[start])
            start += 1
            while before + 1 >= room, start < cursor {
                before -= Self.width(characters[start])
                start += 1
            }
        }
        let mark = start > 0 ? "‹" : ""
        var shown = mark
        var used = mark.isEmpty ? 0 : 1
        var end = start
        while end < characters.count, used + Self.width(characters[end]) <= room {
            shown += Self.shown(characters[end])
            used += Self.width(characters[end])
            end += 1
        }
        text = prompt + shown
        cursorColumn = promptWidth + (mark.isEmpty ? 0 : 1) + before
    }

    /// Invisible characters in one's own line are shown too, else the cursor seems to stand still on them.
    private static func shown(_ character: Character) -> String {
        let safe = SafeText.prose(String(character))
        return safe.isEmpty ? "·" : safe
    }

    private static func width(_ character: Character) -> Int {
        DisplayWidth.of(shown(character))
    }
}
