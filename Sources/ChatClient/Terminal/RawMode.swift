import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The terminal: taken over for the full screen, and given back on every way out.
///
/// What to restore is kept in memory that a signal handler may read, so that a crash leaves a usable terminal as well.
enum RawMode {
    /// Written once by ``enter()`` before `isActive` is first set and never freed, hence safe to read from anywhere after.
    nonisolated(unsafe) private static let original = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    private static let hasOriginal = Atomic(false)
    private static let isActive = Atomic(false)

    /// The alternate screen, and telling of pastes and of the focus.
    private static let screenOn: StaticString = "\u{1B}[?1049h\u{1B}[?2004h\u{1B}[?1004h"
    /// Consoles without an alternate screen are left empty instead.
    private static let screenOff: StaticString = """
        \u{1B}[?2026l\u{1B}[0m\u{1B}[?1004l\u{1B}[?2004l\u{1B}[H\u{1B}[2J\u{1B}[?25h\u{1B}[?1049l
        """

    /// Keys arrive one by one and unechoed, and the alternate screen is shown. May be called again, when somebody else
    /// may have set the terminal meanwhile.
    /// - Returns: false where standard input is no terminal after all.
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

    /// Gives the terminal back as it was found. May be called twice, and from a signal handler:
    /// it uses nothing but `write` and `tcsetattr`, which POSIX allows there.
    static func leave() {
        guard isActive.exchange(false, ordering: .acquiringAndReleasing) else { return }
        write(screenOff)
        _ = tcsetattr(STDIN_FILENO, TCSANOW, original)  // waiting for the output to drain could hang a crash
    }

    /// In cells; 80 × 24 where the terminal does not say.
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
