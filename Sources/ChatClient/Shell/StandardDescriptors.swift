#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard input, output and error may all be closed in a process started by a daemon.
enum StandardDescriptors {
    /// Puts `/dev/null` where nothing is open. To be called before anything else opens a descriptor: a pipe or socket of
    /// our own that got number 0 would be read as the user's input, and one with number 1 written to as output.
    static func fill(_ descriptors: ClosedRange<Int32> = STDIN_FILENO...STDERR_FILENO) {
        for wanted in descriptors where fcntl(wanted, F_GETFD) < 0 {
            let null = open("/dev/null", O_RDWR)
            // The lowest free number is given out, which for the standard three is the one wanted.
            if null >= 0, null != wanted {
                _ = dup2(null, wanted)
                _ = close(null)
            }
        }
    }
}
