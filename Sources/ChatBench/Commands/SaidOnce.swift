import Synchronization

/// Writes lines to standard error, each of them once. From any thread.
final class SaidOnce: Sendable {
    private let said = Mutex<Set<String>>([])

    @Sendable func say(_ line: String) {
        if said.withLock({ $0.insert(line).inserted }) { StandardError.write(line) }
    }
}
