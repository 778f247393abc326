/// The meaning of a key, or of one step of a paste. The line editor handles keys about the line, the screen the others.
enum Key: Equatable, Sendable {
    case insert(Unicode.Scalar)
    case enter
    /// Alt-Enter: a line break that does not send.
    case lineBreak
    /// A line break inside a paste, which never sends.
    case pastedBreak
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case backspace, delete
    case killToEnd, killToStart, killWordBack, killWordForward, yank
    /// After a yank: replaces it by the text killed before.
    case yankOlder
    case transpose, transposeWords
    case uppercase, lowercase, capitalize
    case undo
    case complete, completeBack
    /// Ctrl-R and Ctrl-S: search the history.
    case searchBack, searchForward
    /// Ctrl-G.
    case cancel
    case clearScreen
    /// Ctrl-D: deletes a character, or ends the input on an empty line.
    case endOfInput
    case interrupt
    case suspend

    // MARK: The screen's

    case pageUp, pageDown
    /// By one row.
    case scrollUp, scrollDown
    /// Alt-< and Alt->.
    case scrollToTop, scrollToEnd
    /// Alt-1 to Alt-9, and Alt-0 for the tenth window.
    case window(Int)
    case previousWindow, nextWindow
    /// Alt-A: to a window with new messages.
    case nextActiveWindow
    /// The terminal gained or lost the focus.
    case focused(Bool)
    /// The escape key alone, and keys without a meaning.
    case ignored
}
