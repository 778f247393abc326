/// What a key, or one step of a paste, means. Editors take what concerns a line; the rest is the screen's.
enum Key: Equatable, Sendable {
    case insert(Unicode.Scalar)
    case enter
    /// A line break that does not send: Alt-Enter.
    case lineBreak
    /// A line break inside a paste: it never sends.
    case pastedBreak
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case backspace, delete
    case killToEnd, killToStart, killWordBack, killWordForward, yank
    /// After a yank: what was killed before that instead.
    case yankOlder
    case transpose, transposeWords
    case uppercase, lowercase, capitalize
    case undo
    case complete, completeBack
    /// Ctrl-R, Ctrl-S: through the history.
    case searchBack, searchForward
    /// Ctrl-G.
    case cancel
    case clearScreen
    /// Ctrl-D: delete, or the end of input on an empty line.
    case endOfInput
    case interrupt
    case suspend

    // MARK: The screen's

    case pageUp, pageDown
    /// By one row.
    case scrollUp, scrollDown
    /// Alt-< and Alt->.
    case scrollToTop, scrollToEnd
    /// Alt-1 to Alt-9, and Alt-0 for the tenth.
    case window(Int)
    case previousWindow, nextWindow
    /// Alt-A: where something was said.
    case nextActiveWindow
    /// The terminal's window became the one that the user looks at, or ceased to be.
    case focused(Bool)
    /// The escape key by itself, and all that nobody has a use for.
    case ignored
}
