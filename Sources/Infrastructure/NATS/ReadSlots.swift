import DequeModule
import Synchronization

/// Limits the number of concurrent readers; the others wait in order of arrival.
final class ReadSlots: Sendable {
    /// The wait took too long, or too many callers wait already.
    struct Refused: Error {}

    private struct State {
        var free: Int
        var waiting: Deque<CheckedContinuation<Bool, Never>> = []
    }

    private static let maximumWaiting = 20_000

    private let state: Mutex<State>
    private let patience: Duration

    /// - Parameter patience: a caller that gets its slot later than this is refused, so that a queue that stood still
    ///   clears.
    init(_ count: Int, patience: Duration) {
        state = Mutex(State(free: count))
        self.patience = patience
    }

    func withSlot<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        try await acquire()
        defer { release() }
        guard ContinuousClock.now - start <= patience else { throw Refused() }
        return try await body()
    }

    private func acquire() async throws {
        let hasEntered: Bool = await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < Self.maximumWaiting else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        if !hasEntered { throw Refused() }
    }

    private func release() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume(returning: true)
    }
}
