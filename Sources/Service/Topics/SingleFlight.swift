import Domain

/// Lets one caller do what many want at the same time; the others wait for it and share how it ended.
final class SingleFlight: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Void, ChatError>, Never>

    private enum State {
        case idle
        case flying(waiting: [Waiter])
    }

    private let state = OrderedMutex(State.idle)

    /// Runs `body`, or waits for the call that is running it already.
    func run(_ body: () async throws(ChatError) -> Void) async throws(ChatError) {
        let isFirst = state.withLock { state in
            guard case .idle = state else { return false }
            state = .flying(waiting: [])
            return true
        }
        guard isFirst else { return try await join().get() }
        let result: Result<Void, ChatError>
        do throws(ChatError) {
            try await body()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let waiting = state.withLock { state -> [Waiter] in
            defer { state = .idle }
            if case .flying(let waiting) = state { return waiting } else { return [] }
        }
        for waiter in waiting { waiter.resume(returning: result) }
        try result.get()
    }

    private func join() async -> Result<Void, ChatError> {
        await withCheckedContinuation { waiter in
            let isOver = state.withLock { state in
                guard case .flying(let waiting) = state else { return true }
                state = .flying(waiting: waiting + [waiter])
                return false
            }
            if isOver { waiter.resume(returning: .success(())) }  // it ended just now
        }
    }
}
