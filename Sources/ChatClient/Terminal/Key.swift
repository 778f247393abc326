/// What a key, or one step of a paste, means to the line editor.
enum Key: Equatable, Sendable {
    case insert(Unicode.Scalar)
    case enter
    /// A line break inside a paste: it never sends.
    case pastedBreak
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case backspace, delete
    case killToEnd, killToStart, killWordBack, killWordForward, yank
    case clearScreen
    /// Ctrl-D: delete, or the end of input on an empty line.
    case endOfInput
    case interrupt
    case suspend
    /// The escape key by itself, and all that this editor has no use for.
    case ignored
}
