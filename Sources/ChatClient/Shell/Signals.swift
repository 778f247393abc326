import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns signals into bytes on a pipe that the shell polls, and restores the terminal before a crash.
enum Signals {
    /// The descriptor to which the handler writes; -1 before `install`.
    private static let target = Atomic<Int32>(-1)
    private static let endWasAsked = Atomic(false)

    /// Whether a signal has asked to end, even if the shell has not handled it yet.
    static var isAskedToEnd: Bool { endWasAsked.load(ordering: .acquiring) }

    /// Installs handlers that write the signal's number to `wakeup` as a byte.
    static func install(_ wakeup: Wakeup) {
        target.store(wakeup.writeEnd, ordering: .releasing)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT] {
            let before = signal(number, forward)
            // Signals that were ignored at the start, for instance by `nohup`, stay ignored.
            let wasIgnored = unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
            if number == SIGINT || number == SIGHUP, wasIgnored { _ = signal(number, SIG_IGN) }
        }
        _ = signal(SIGPIPE, SIG_IGN)
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT] { _ = signal(number, crash) }
    }

    /// From now on SIGTSTP is delivered as the other signals are, so that the screen can give the terminal back before
    /// it calls ``stop()``. If SIGTSTP was ignored, it stays ignored.
    static func catchStop() {
        let before = signal(SIGTSTP, forward)
        if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { _ = signal(SIGTSTP, SIG_IGN) }
    }

    /// Stops the whole foreground job, as the terminal itself would do for Ctrl-Z. Does nothing if SIGTSTP is ignored
    /// or no shell could continue the job. Afterwards SIGTSTP is not caught any more.
    static func stop() {
        let before = signal(SIGTSTP, SIG_DFL)
        if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { _ = signal(SIGTSTP, SIG_IGN) }
        _ = kill(0, SIGTSTP)
    }

    /// Runs on any thread that receives the signal, so it uses only `write` and atomics.
    private static let forward: @convention(c) (Int32) -> Void = { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Signals.target.load(ordering: .acquiring), &byte, 1)
        // Set after the write, because whoever sees the flag then looks for the byte.
        if number == SIGINT || number == SIGTERM || number == SIGHUP {
            Signals.endWasAsked.store(true, ordering: .releasing)
        }
        errno = saved
    }

    private static let crash: @convention(c) (Int32) -> Void = { number in
        RawMode.leave()
        _ = signal(number, SIG_DFL)
        _ = raise(number)
    }
}
