import Domain
import Logging
import Service
import Synchronization

/// Tracks whether one stream accepts messages, tells operators when it does not, and checks whether it does again.
///
/// Every append reports its result here, on any thread.
final class StreamStorage: Sendable {
    /// The pause between two checks of a stream that accepts nothing.
    private static let interval: Duration = .seconds(2)

    private let kind: Topic.Kind
    private let time: TimeSource
    private let logger: Logger
    /// Mirrors the state, so that each stored message costs one atomic load.
    private let isRefusing = Atomic<Bool>(false)
    private let health = Mutex(StorageHealth())
    private let refusals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(_ kind: Topic.Kind, time: TimeSource, logger: Logger) {
        self.kind = kind
        self.time = time
        self.logger = logger
    }

    /// Why nothing can be stored; nil if something can.
    var obstacle: String? {
        guard isRefusing.load(ordering: .relaxed) else { return nil }
        return health.withLock { $0.obstacle(now: time.monotonic()) }.map { "stream \(kind.stream): \($0)" }
    }

    /// See ``StorageHealth/refused(_:isAnswered:bytes:now:)``.
    func refused(_ reason: String, isAnswered: Bool, bytes: Int) {
        let count = health.withLock { health in
            isRefusing.store(true, ordering: .relaxed)
            return health.refused(reason, isAnswered: isAnswered, bytes: bytes, now: time.monotonic())
        }
        refusals.continuation.yield()
        guard let count else { return }
        logger.error(
            "messages cannot be stored and are refused until they can be again",
            metadata: ["stream": "\(kind.stream)", "error": "\(reason)", "refused": "\(count)"])
    }

    func stored() {
        guard isRefusing.load(ordering: .relaxed) else { return }
        let isToBeTold = health.withLock { health in
            isRefusing.store(false, ordering: .relaxed)
            return health.stored()
        }
        if isToBeTold { logger.notice("messages can be stored again", metadata: ["stream": "\(kind.stream)"]) }
    }

    /// Checks the stream for as long as it accepts nothing, until the task is cancelled. Needed because users may have
    /// stopped trying.
    ///
    /// - Parameter look: performs a check, given the size of the message that was refused last.
    func watch(_ look: (_ bytes: Int) async -> StorageHealth.Finding) async {
        for await _ in refusals.stream {
            while !Task.isCancelled, isRefusing.load(ordering: .relaxed) {
                let finding = await look(health.withLock { $0.refusedBytes })
                if health.withLock({ $0.judge(finding, now: time.monotonic()) }) { stored() }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
