import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The terminal's mode for the full screen, and its restoration.
///
/// The original mode is kept in memory that a signal handler may read, so that the terminal is restored after a crash
/// as well.
enum RawMode {
    /// Written once by ``enter()``, before `isActive` is first set, and never freed, so it is safe to read on any
    /// thread afterwards.
    nonisolated(unsafe) private static let original = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    private static let hasOriginal = Atomic(false)
    private static let isActive = Atomic(false)

    /// Switches on the alternate screen, bracketed paste and focus reports.
    private static let screenOn: StaticString = "\u{1B}[?1049h\u{1B}[?2004h\u{1B}[?1004h"
    /// Consoles without an alternate screen are cleared.
    private static let screenOff: StaticString = """
        \u{1B}[?2026l\u{1B}[0m\u{1B}[?1004l\u{1B}[?2004l\u{1B}[H\u{1B}[2J\u{1B}[?25h\u{1B}[?1049l
        """

    /// Switches to raw mode and to the alternate screen. May be called again if another process may have changed the
    /// terminal meanwhile.
    /// - Returns: false if standard input is not a terminal.
    @discardableResult
    static func enter() -> Bool {
        if !hasOriginal.load(ordering: .acquiring) {
            guard tcgetattr(STDIN_FILENO, original) == 0 else { return false }
            hasOriginal.store(true, ordering: .releasing)
        }
        var raw = original.pointee
        raw.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
        raw.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG | IEXTEN)
        withUnsafeMutableBytes(of: &raw.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        guard tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0 else { return false }
        isActive.store(true, ordering: .releasing)
        write(screenOn)
        return true
    }

    /// Restores the terminal. May be called twice, and in a signal handler: it uses only `write` and `tcsetattr`, which
    /// POSIX allows there.
    static func leave() {
        guard isActive.exchange(false, ordering: .acquiringAndReleasing) else { return }
        write(screenOff)
        _ = tcsetattr(STDIN_FILENO, TCSANOW, original)  // waiting for the output to drain could block after a crash
    }

    /// In cells; 80 × 24 if the terminal does not report its size.
    static var size: Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return Size(columns: 80, rows: 24)
        }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    private static func write(_ sequence: StaticString) {
        #if canImport(Glibc)
            _ = Glibc.write(STDOUT_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
        #elseif canImport(Musl)
            _ = Musl.write(STDOUT_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
        #else
            _ = Darwin.write(STDOUT_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
        #endif
    }
}
