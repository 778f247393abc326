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
    /// Where the handler writes; -1 before `install`.
    private static let target = Atomic<Int32>(-1)
    private static let endWasAsked = Atomic(false)

    /// A signal asked to end, whether the shell has come to serve it or not.
    static var isAskedToEnd: Bool { endWasAsked.load(ordering: .acquiring) }

    /// The signal's number arrives as a byte on `wakeup`.
    static func install(_ wakeup: Wakeup) {
        target.store(wakeup.writeEnd, ordering: .releasing)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT] {
            let before = signal(number, forward)
            // What `nohup` and shells without job control ignore for their children stays ignored.
            let wasIgnored = unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
            if number == SIGINT || number == SIGHUP, wasIgnored { _ = signal(number, SIG_IGN) }
        }
        _ = signal(SIGPIPE, SIG_IGN)
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT] { _ = signal(number, crash) }
    }

    /// From now on SIGTSTP asks to be suspended, as the others ask to end: who has taken over the terminal gives it back
    /// first, and then calls ``stop()``. Where it was ignored it stays so.
    static func catchStop() {
        let before = signal(SIGTSTP, forward)
        if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { _ = signal(SIGTSTP, SIG_IGN) }
    }

    /// Stops the whole foreground job, as the terminal would have done for Ctrl-Z. Where SIGTSTP is ignored, or there is no
    /// shell that could continue it, nothing happens. Afterwards SIGTSTP is not caught any more.
    static func stop() {
        let before = signal(SIGTSTP, SIG_DFL)
        if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { _ = signal(SIGTSTP, SIG_IGN) }
        _ = kill(0, SIGTSTP)
    }

    /// Runs on whatever thread the signal met: only `write` and atomics.
    private static let forward: @convention(c) (Int32) -> Void = { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Signals.target.load(ordering: .acquiring), &byte, 1)
        // After the byte, which whoever sees this is going to look for.
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
