#if os(Linux)
    import CLinux
#endif

/// How the kernel shares the processors among the server's threads.
enum ThreadScheduling {
    /// A thread that is woken waits for a processor instead of taking it from another one: under load the threads wake each
    /// other for every message, and to be interrupted by those that they have just given work takes a quarter of the
    /// server's time (docs/decisions/0021-batch-scheduling.md).
    ///
    /// To be called before there are others: threads inherit it. Where it is not allowed the server runs without.
    static func withoutPreemption() {
        #if os(Linux)
            _ = chat_schedule_as_batch()
        #endif
    }
}
