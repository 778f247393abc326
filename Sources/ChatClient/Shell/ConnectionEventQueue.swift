import DequeModule
import Synchronization
import Transport

/// Passes events from the transport's event loop to the shell's thread.
///
/// Bounded: beyond ``capacity`` events `hasRoom` is false and the transport stops reading, so at most one more read of
/// the socket (64 KiB of frames) is added.
final class ConnectionEventQueue: ConnectionSink {
    static let capacity = 256

    private let events = Mutex<Deque<(Attempt, ConnectionEvent)>>([])
    private let wakeup: Wakeup

    init(wakeup: Wakeup) {
        self.wakeup = wakeup
    }

    func deliver(_ attempt: Attempt, _ event: ConnectionEvent) {
        let wasEmpty = events.withLock { events in
            events.append((attempt, event))
            return events.count == 1
        }
        if wasEmpty { wakeup.signal() }
    }

    var hasRoom: Bool { events.withLock { $0.count < Self.capacity } }

    func takeAll() -> Deque<(Attempt, ConnectionEvent)> {
        events.withLock { events in
            let taken = events
            events = []
            return taken
        }
    }
}
