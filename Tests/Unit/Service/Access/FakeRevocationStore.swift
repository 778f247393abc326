import Domain
import Service
import Synchronization

/// A store of revocations in memory, which can be out of reach, and can lose what it holds.
final class FakeRevocationStore: RevocationStore {
    private struct State {
        var revocations = Revocations()
        var version = 0
        var isDown = false
        var reads = 0
    }

    private let state = Mutex(State())

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    func loseEverything() {
        state.withLock { state in
            state.revocations = Revocations()
            state.version += 1
        }
    }

    var entries: [RevocationEntry] { state.withLock { $0.revocations.entries } }

    /// How often everything was read.
    var reads: Int { state.withLock { $0.reads } }

    private func reach<Value>(_ body: (inout State) -> Value) throws(ChatError) -> Value {
        try state.withLock { state throws(ChatError) in
            guard !state.isDown else { throw ChatError(.unavailable, "down") }
            return body(&state)
        }
    }

    func version() async throws(ChatError) -> String { try reach { "\($0.version)" } }

    func load() async throws(ChatError) -> StoredRevocations {
        try reach { state in
            state.reads += 1
            return StoredRevocations(version: "\(state.version)", entries: state.revocations.entries)
        }
    }

    func add(_ entries: [RevocationEntry]) async throws(ChatError) {
        try reach { state in
            for entry in entries { state.revocations.insert(entry) }
            state.version += 1
        }
    }
}
