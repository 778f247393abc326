import Domain
import InfrastructureEmbedded
import InfrastructureObservability
import Logging
import Service
import Synchronization
import Testing

/// A chat service in which nothing happens by itself: its tasks run on a stepped executor, over a stepped log.
final class SteppedChat: Sendable {
    static let now = Timestamp(millisecondsSince1970: 1_767_323_045_678)

    let executor = SteppedExecutor()
    let log = SteppedLog()
    let edge = FakeEdge()
    let registry = PrometheusRegistry()
    let service: ChatService
    private let running = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter delivery: nil: the fake edge.
    init(
        messageBytes: Int = 4096, rate: RateLimit? = nil, grace: Duration = .seconds(8), roomsPerSession: Int = 100,
        namesBelongToUsers: Bool = false, delivery: (any TopicDelivery)? = nil
    ) {
        let clock = Elapsed()
        let start = ContinuousClock.now
        self.clock = clock
        service = ChatService(
            log: log, bus: log, presence: EmbeddedPresenceStore(), delivery: delivery ?? edge,
            threads: BlockingThreads(executor: executor),
            limits: .init(
                messageBytes: messageBytes, rate: rate, grace: grace, roomsPerSession: roomsPerSession,
                namesBelongToUsers: namesBelongToUsers),
            time: TimeSource(wall: { clock.wall }, monotonic: { start + clock.time.withLock { $0 } }),
            metrics: registry, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        service.start()
    }

    private final class Elapsed: Sendable {
        let time = Mutex(Duration.zero)

        var wall: Timestamp {
            let passed = Int64(time.withLock { $0 } / .milliseconds(1))
            return Timestamp(millisecondsSince1970: SteppedChat.now.millisecondsSince1970 + passed)
        }
    }

    private let clock: Elapsed

    deinit { running.withLock { $0?.cancel() } }

    /// The time of day.
    var wall: Timestamp { clock.wall }

    func pass(_ time: Duration) { clock.time.withLock { $0 += time } }

    /// Begins to do something; it goes on as the test steps.
    @discardableResult
    func begin<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        Task(executorPreference: executor) { try await body() }
    }

    /// Looks after the topics from now on, as the server does.
    func run() {
        let service = service
        let task = Task(executorPreference: executor) {
            await service.run(every: .seconds(3600))
        }
        running.withLock { $0 = task }
        executor.settle()
    }

    /// One thing that could happen next, whichever. - Returns: false where nothing could.
    func step(using random: inout some RandomNumberGenerator) -> Bool {
        let choices = [executor.waiting, log.outcomes, log.copies]
        let total = choices.reduce(0) { $0 + min($1, 3) }
        guard total > 0 else { return false }
        var choice = Int.random(in: 0..<total, using: &random)
        if choice < min(choices[0], 3) { return executor.step(using: &random) }
        choice -= min(choices[0], 3)
        return choice < min(choices[1], 3) ? log.letOutcomeThrough() : log.letCopyThrough()
    }

    /// Something could happen without anybody's doing.
    var isBusy: Bool { executor.waiting + log.outcomes + log.copies > 0 }

    /// Everything that can happen happens.
    func settle() {
        while executor.step() || log.letOutcomeThrough() || log.letCopyThrough() {}
    }

    /// The value of a counter.
    func count(_ metric: String) -> Int? { registry.count(metric) }

    /// Somebody elsewhere says something in a room.
    @discardableResult
    func store(_ content: String, from sender: String = "zoe", in room: RoomName = .global) -> SequenceNumber {
        log.store(
            .message(
                Message(
                    id: MessageID("\(sender)-\(content)"), sender: sender, content: content, timestamp: Self.now)),
            in: .room(room))
    }
}
