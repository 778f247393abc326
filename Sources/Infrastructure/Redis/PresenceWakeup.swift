import NIOCore
import Synchronization

/// Lets one task sleep until it is rung or its time is up. A ring while nobody sleeps is kept for the next sleep.
final class PresenceWakeup: Sendable {
    private enum State {
        case quiet
        case rung
        case asleep(EventLoopPromise<Void>)
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State.quiet)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func ring() { wake(keepingRing: true) }

    /// Not for two tasks at once. Does not end by cancellation: whoever cancels rings.
    func sleep(for duration: Duration) async {
        let promise = eventLoop.makePromise(of: Void.self)
        let isRung = state.withLock { state in
            if case .rung = state {
                state = .quiet
                return true
            }
            state = .asleep(promise)
            return false
        }
        if isRung { promise.succeed() }
        let timer = eventLoop.scheduleTask(in: TimeAmount(duration)) { self.wake(keepingRing: false) }
        // This promise is never failed.
        try? await promise.futureResult.get()
        timer.cancel()
    }

    private func wake(keepingRing: Bool) {
        let sleeper: EventLoopPromise<Void>? = state.withLock { state in
            switch state {
            case .quiet, .rung:
                if keepingRing { state = .rung }
                return nil
            case .asleep(let promise):
                state = .quiet
                return promise
            }
        }
        sleeper?.succeed()
    }
}
