import Synchronization

@testable import Transport

/// Keeps what was reported; has room as long as the test says so.
final class Recorder: ConnectionSink {
    private let state = Mutex<(events: [ConnectionEvent], hasRoom: Bool)>(([], true))
    func deliver(_ attempt: Attempt, _ event: ConnectionEvent) { state.withLock { $0.events.append(event) } }
    var hasRoom: Bool {
        get { state.withLock { $0.hasRoom } }
        set { state.withLock { $0.hasRoom = newValue } }
    }
    var events: [ConnectionEvent] { state.withLock { $0.events } }
}
