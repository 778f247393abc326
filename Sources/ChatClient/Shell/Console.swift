/// What the user did at the console.
enum ConsoleAction: Equatable, Sendable {
    case line(String)
    case lineTooLong
    case endOfInput
    case interrupt
    case suspend
    /// Of a console with windows.
    case ask(Ask)
}

/// Where the conversation is shown and lines are entered: a pipe or a plain terminal, or the full screen. Used from the
/// shell's thread alone.
protocol Console: AnyObject {
    /// Bytes from standard input, or its end; what they amount to is fetched with ``nextAction()``, one by one, so that
    /// the answer to one is shown before the next is looked at.
    func feed(_ bytes: [UInt8])
    func feedEnd()
    func nextAction() -> ConsoleAction?

    /// Something unfinished is to be settled with ``settle()`` when nothing follows within this many milliseconds.
    var patience: Int32? { get }
    func settle()

    func show(_ output: Output)
    func giveBack(_ line: String)
    /// Only to a console with windows.
    func report(_ happening: Happening)
    func setStatus(_ status: ClientStatus)

    /// Time has come to this, since the shell's origin; said before each ``flush()``.
    func advance(to now: Duration)
    /// When there is something to flush if nothing else happens.
    var deadline: Duration? { get }
    /// Brings to the screen what changed.
    /// - Returns: false where nobody can see it any more.
    func flush() -> Bool

    func resized()
    /// Hands the terminal to the shell that started us, and takes it back.
    func suspend()
    func resume()
    func close()
}

/// What a console of lines needs none of.
extension Console {
    func report(_ happening: Happening) {
        for output in happening.inLines { show(output) }
    }
    func setStatus(_ status: ClientStatus) {}
    func advance(to now: Duration) {}
    var deadline: Duration? { nil }
}
