import Domain
import Logging
import Service
import Synchronization

/// Follows whether one stream takes messages, tells operators when it does not, and looks whether it does again.
///
/// Whoever appends reports to it, on any thread.
final class StreamStorage: Sendable {
    /// How long to wait between two looks at a stream that takes nothing.
    private static let interval: Duration = .seconds(2)

    private let kind: Topic.Kind
    private let time: TimeSource
    private let logger: Logger
    /// So that each message that is stored costs one look at a flag.
    private let isRefusing = Atomic<Bool>(false)
    private let health = Mutex(StorageHealth())
    private let refusals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(_ kind: Topic.Kind, time: TimeSource, logger: Logger) {
        self.kind = kind
        self.time = time
        self.logger = logger
    }

    /// Why nothing can be stored; nil where something can.
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

    /// Looks at the stream for as long as it takes nothing, until it is cancelled: nobody may be left who tries.
    ///
    /// - Parameter look: with the size of the message that was refused last.
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
