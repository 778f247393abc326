import DequeModule
import Dispatch
import Domain
import NIOCore
import Synchronization

/// What other threads have for one event loop, in order, so that one wake-up serves all that has gathered.
///
/// Bounded by the bytes of events in it: whoever brings more waits until the loop has taken some. What waits is most often
/// the bus's own thread, so the bus slows down to the pace of the connections; with it come later the acknowledgements
/// that senders wait for. A repair waits as well, where it shows what it has read from the log: on one of the few threads
/// that topics have for that, never on one of Swift's pool.
final class Mailbox: Sendable {
    private struct State {
        var items: Deque<LoopItem> = []
        var eventBytes = 0
        var isScheduled = false
        var waiters = 0
    }

    private let maximumEventBytes: Int
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)

    init(maximumEventBytes: Int = 4 << 20) { self.maximumEventBytes = maximumEventBytes }

    /// Puts an item in. Only events wait for room.
    ///
    /// - Returns: whether the loop has to be told to come and take, and whether the caller had to wait.
    func put(_ item: LoopItem) -> (mustSchedule: Bool, waited: Bool) {
        var waited = false
        while true {
            let mustSchedule: Bool? = state.withLock { state in
                if item.eventBytes > 0, state.eventBytes >= maximumEventBytes {
                    state.waiters += 1
                    return nil
                }
                state.items.append(item)
                state.eventBytes += item.eventBytes
                defer { state.isScheduled = true }
                return !state.isScheduled
            }
            if let mustSchedule { return (mustSchedule, waited) }
            waited = true
            room.wait()
        }
    }

    /// Takes what has gathered, up to some bytes of events, so that one tick writes no more than the sockets' buffers can
    /// be expected to take.
    ///
    /// - Returns: the items, and whether there is more to come back for.
    func take(maximumEventBytes: Int) -> (items: [LoopItem], hasMore: Bool) {
        let (items, hasMore, waiters) = state.withLock { state in
            var items: [LoopItem] = []
            var taken = 0
            while taken < maximumEventBytes, let item = state.items.popFirst() {
                items.append(item)
                taken += item.eventBytes
            }
            state.eventBytes -= taken
            state.isScheduled = !state.items.isEmpty
            let waiters = state.eventBytes < self.maximumEventBytes ? state.waiters : 0
            state.waiters -= waiters
            return (items, state.isScheduled, waiters)
        }
        for _ in 0..<waiters { room.signal() }
        return (items, hasMore)
    }
}

/// One thing an event loop has to do.
enum LoopItem: Sendable {
    case deliver(Delivery)
    /// From now on the connection is shown the topic's events, beginning with this frame.
    case enter(Topic, Connection, first: ByteBuffer?)
    case exit(Topic, Connection)
    /// A finished frame for one connection only.
    case write(ByteBuffer, Connection)
    /// Something that must not overtake what came before it, nor be overtaken.
    case perform(@Sendable () -> Void)
    /// Something that comes after everything the tick writes: the outcome of an append.
    case settle(@Sendable () -> Void)
    /// Say goodbye, after everything that was written before.
    case close(Goodbye, Connection)

    var eventBytes: Int {
        if case .deliver(let delivery) = self { delivery.bytes } else { 0 }
    }
}
