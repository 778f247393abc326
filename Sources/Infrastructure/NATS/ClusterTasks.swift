import Domain
import Synchronization

/// Events of the connection and the streams that ``NATSCluster/run()`` still has to handle.
///
/// Flags, not a queue: an event that happens twice is handled once, and the size is bounded.
struct ClusterTasks: Equatable, Sendable {
    var isLost = false
    var isBack = false
    var isClosed = false
    /// Streams that took no message, or that an advisory said were changed.
    var unverified: Set<Topic.Kind> = []
    /// Streams whose leader changed: live copies of entries may have been missed.
    var elected: Set<Topic.Kind> = []

    /// Returns everything that is still to be handled, and clears it.
    mutating func take() -> ClusterTasks {
        defer { self = ClusterTasks() }
        return self
    }
}

/// Carries tasks from any thread to the one task that handles them.
final class ClusterTaskBoard: Sendable {
    /// Yields after something was noted. One element may stand for several notes.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let tasks = Mutex(ClusterTasks())

    init() { (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func note(_ change: @Sendable (inout ClusterTasks) -> Void) {
        tasks.withLock { change(&$0) }
        signal.yield()
    }

    func take() -> ClusterTasks { tasks.withLock { $0.take() } }
}
