import Synchronization

/// What all windows together may keep in memory. Past it, a window that grows keeps only its newest few messages, until
/// there is room again; who wants older ones is answered from the log.
final class WindowBudget: Sendable {
    /// What a window may always keep.
    static let share = 32 << 10

    private let limit: Int
    private let used = Atomic<Int>(0)

    /// - Parameter limit: in bytes, as ``Window/bytes`` counts them.
    init(limit: Int) { self.limit = limit }

    var bytes: Int { used.load(ordering: .relaxed) }

    var isExhausted: Bool { bytes > limit }

    func change(by bytes: Int) { used.wrappingAdd(bytes, ordering: .relaxed) }
}
