import NIOCore
import NIOPosix
import Synchronization

/// What one peer has received, in order; a test reads on from where it stopped, with a deadline.
///
/// Written on an event loop, read by tests. It is unbounded on purpose: a test keeps all that came to be able to show it.
final class Journal<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var cursor = 0
        var isFinished = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    /// Everything that has come so far, read or not.
    var all: [Entry] { state.withLock { $0.entries } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func append(_ entry: Entry) {
        wake { $0.entries.append(entry) }
    }

    /// Nothing more will come.
    func finish() {
        wake { $0.isFinished = true }
    }

    /// Forgets what has come and was not read.
    func skipAll() {
        state.withLock { $0.cursor = $0.entries.count }
    }

    /// The next entry, whatever it is.
    func next(_ what: String = "a next entry", within limit: Duration = .seconds(10)) async throws -> Entry {
        try await first(what, within: limit) { _ in true }
    }

    /// The next entry that matches; those before it count as read.
    func first(
        _ what: String, within limit: Duration = .seconds(10), where matches: @Sendable (Entry) -> Bool
    ) async throws -> Entry {
        let deadline = ContinuousClock.now + limit
        let start = state.withLock { $0.cursor }
        while true {
            let (found, count, isFinished) = state.withLock { state -> (Entry?, Int, Bool) in
                while state.cursor < state.entries.count {
                    let entry = state.entries[state.cursor]
                    state.cursor += 1
                    if matches(entry) { return (entry, state.entries.count, state.isFinished) }
                }
                return (nil, state.entries.count, state.isFinished)
            }
            if let found { return found }
            guard !isFinished, ContinuousClock.now < deadline else {
                throw TimedOut(
                    isFinished ? "\(what) (the connection ended)" : what, after: limit, seen: describe(from: start))
            }
            await change(beyond: count, until: deadline)
        }
    }

    private func describe(from start: Int) -> String {
        let seen = state.withLock { $0.entries[start...].suffix(20).map { "  \($0)" } }
        return seen.isEmpty ? "  nothing" : seen.joined(separator: "\n")
    }

    private func change(beyond count: Int, until deadline: ContinuousClock.Instant) async {
        let left = max(.zero, deadline - .now).components
        await withCheckedContinuation { continuation in
            let id = state.withLock { state -> Int? in
                guard state.entries.count == count, !state.isFinished else { return nil }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = continuation
                return state.nextWaiter
            }
            guard let id else { return continuation.resume() }
            let nanoseconds = left.seconds * 1_000_000_000 + left.attoseconds / 1_000_000_000
            _ = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .nanoseconds(nanoseconds)) { [self] in
                state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
            }
        }
    }

    private func wake(after change: (inout sending State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}
