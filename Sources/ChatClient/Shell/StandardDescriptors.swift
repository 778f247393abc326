#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard input, output and error. All of them can be closed in a process that a daemon starts.
enum StandardDescriptors {
    /// Opens `/dev/null` in place of closed ones. Must be called before anything else opens a descriptor: otherwise a
    /// pipe or socket of the client could get number 0 and be read as the user's input, or number 1 and be written to
    /// as output.
    static func fill(_ descriptors: ClosedRange<Int32> = STDIN_FILENO...STDERR_FILENO) {
        for wanted in descriptors where fcntl(wanted, F_GETFD) < 0 {
            let null = open("/dev/null", O_RDWR)
            // The system gives out the lowest free number, which for the standard three is the right one.
            if null >= 0, null != wanted {
                _ = dup2(null, wanted)
                _ = close(null)
            }
        }
    }
}
