/// The threads on which the service may wait for the edge, whose event loops may be behind.
///
/// Swift's pool has one thread per core and counts on none of them waiting: a few waits there would stop everything else.
public struct BlockingThreads: Sendable {
    /// Runs what may wait. Lives as long as the service.
    public let executor: any TaskExecutor
    /// Whether the caller's thread may wait for an event loop: false on an event loop, which would wait for itself, and on
    /// Swift's pool. Asked in debug builds only.
    public let mayWaitHere: @Sendable () -> Bool

    public init(executor: any TaskExecutor, mayWaitHere: @escaping @Sendable () -> Bool = { true }) {
        self.executor = executor
        self.mayWaitHere = mayWaitHere
    }
}
