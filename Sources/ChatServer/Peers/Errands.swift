import Synchronization

/// The parent of what conversations, and requests by HTTP, have to wait for: a task for each such errand, and none for a
/// connection that is quiet.
///
/// A task of its own for each connection would be plainer, and is most of the memory of an idle one: 9 of 19 KiB
/// (docs/performance.md).
final class Errands: Sendable {
    typealias Errand = @Sendable () async -> Void

    private struct State {
        var conversations = 0
        var isFinishing = false

        var isOver: Bool { isFinishing && conversations == 0 }
    }

    private let state = Mutex(State())
    // Bounded by the number of connections: a conversation has one errand at a time, and so has what speaks HTTP.
    private let (errands, queue) = AsyncStream.makeStream(of: Errand.self)

    /// A conversation begins, or a request is answered. Until its ``end()`` it may have errands.
    func begin() { change { $0.conversations += 1 } }

    func end() { change { $0.conversations -= 1 } }

    /// Has `errand` done in a task of its own. From any thread.
    func run(_ errand: @escaping Errand) { queue.yield(errand) }

    /// Does errands until ``finish()`` was called and the last conversation has ended.
    func serve() async {
        await withDiscardingTaskGroup { group in
            for await errand in errands { group.addTask(operation: errand) }
        }
    }

    /// No conversation will begin any more.
    func finish() { change { $0.isFinishing = true } }

    private func change(_ body: (inout State) -> Void) {
        let isOver = state.withLock { state in
            body(&state)
            return state.isOver
        }
        if isOver { queue.finish() }
    }
}
