import Domain
import Synchronization

/// What has happened to the connection and the streams and is still to be dealt with.
///
/// A state, not a queue: a thing that happens twice is dealt with once, and nothing can be crowded out.
struct ClusterTasks: Equatable, Sendable {
    var isLost = false
    var isBack = false
    var isClosed = false
    /// Streams that took no message, or were said to have changed.
    var unverified: Set<Topic.Kind> = []
    /// Streams whose leader changed: entries may have been missed.
    var elected: Set<Topic.Kind> = []

    /// Takes all that is to be done.
    mutating func take() -> ClusterTasks {
        defer { self = ClusterTasks() }
        return self
    }
}

/// Hands the tasks from whatever thread notices them to the one task that deals with them.
final class ClusterTaskBoard: Sendable {
    /// Yields after something was noted; one value may stand for many.
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
