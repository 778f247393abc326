import Synchronization

/// Shares one run of some work between all callers that ask for it at the same time. A caller that comes during a run
/// gets the result of the next run, so a result is never older than the call.
final class Coalesced<Value: Sendable>: Sendable {
    private enum Turn {
        /// Runs the work, for this caller and for these waiting ones.
        case lead([CheckedContinuation<Turn, Never>])
        case answer(Result<Value, any Error>)
    }

    private struct State {
        var isRunning = false
        var waiting: [CheckedContinuation<Turn, Never>] = []
    }

    private let state = Mutex(State())

    func run(_ body: @Sendable () async throws -> Value) async throws -> Value {
        let turn: Turn = await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                defer { state.isRunning = true }
                if state.isRunning { state.waiting.append(continuation) }
                return !state.isRunning
            }
            if isFirst { continuation.resume(returning: .lead([])) }
        }
        switch turn {
        case .answer(let result):
            return try result.get()
        case .lead(let others):
            let result: Result<Value, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            for other in others { other.resume(returning: .answer(result)) }
            passOn()
            return try result.get()
        }
    }

    private func passOn() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isRunning = !state.waiting.isEmpty
            return state.waiting
        }
        waiting.first?.resume(returning: .lead(Array(waiting.dropFirst())))
    }
}
