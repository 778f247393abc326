import DequeModule
import Dispatch
public import Domain
import Foundation
public import Logging
public import Service
public import ServiceLifecycle
import Synchronization

/// Log and bus within the process, for a single instance that needs neither NATS nor Redis.
///
/// One serial queue gives messages their order, stores them, acknowledges them and hands them on; while it waits for the
/// disk, what comes in gathers and is stored as one. A receiver that blocks, or a disk, slows it down, which the bounds on
/// what waits turn into refusals. Announcements have a queue of their own, and wait for no disk.
public final class EmbeddedLog: MessageLog, TopicBus, ServiceLifecycle.Service {
    public struct Settings: Sendable {
        /// Where messages are kept; empty: in memory, and gone with the process.
        public let directory: String
        public let sync: LogSync
        public let messagesPerTopic: Int
        public let maximumAge: Duration

        public init(directory: String, sync: LogSync, messagesPerTopic: Int, maximumAge: Duration) {
            self.directory = directory
            self.sync = sync
            self.messagesPerTopic = messagesPerTopic
            self.maximumAge = maximumAge
        }
    }

    /// What the queue does next.
    private struct Append {
        let draft: Draft
        let completion: @Sendable (Result<Appended, ChatError>) -> Void
        /// About how much memory it holds.
        let bytes: Int

        init(_ draft: Draft, _ completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
            self.draft = draft
            self.completion = completion
            bytes = draft.contribution.traits.text.utf8.count + 256
        }
    }

    private struct State {
        var receive: (@Sendable (BusEvent) -> Void)?
        var followed: Set<Topic> = []
        var waiting: Deque<Append> = []
        var waitingBytes = 0
        var waitingAnnouncements = 0
        /// The queue has something to do, or is at it.
        var isBusy = false
    }

    private static let maximumWaiting = 65_536
    private static let maximumWaitingBytes = 64 << 20
    /// What is stored as one, at the most.
    private static let batchWork = 4096
    private static let batchBytes = 1 << 20
    private static let readers = 4

    private let store: LogStore
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "embedded-log")
    private let announcing = DispatchQueue(label: "embedded-log-announcing")
    private let compaction = DispatchQueue(label: "embedded-log-compaction", qos: .utility)
    /// Reading blocks, so it has threads of its own, few of them; who reads one topic waits for each other.
    private let reading = (0..<readers).map { DispatchQueue(label: "embedded-log-reading-\($0)") }

    /// Opens the directory's log, or begins one.
    ///
    /// - Throws: ``StartupError`` with one line that says what to do.
    public static func open(
        _ settings: Settings, time: TimeSource, logger: Logger
    ) async throws(StartupError) -> EmbeddedLog {
        let storeSettings = LogStore.Settings(
            sync: settings.sync, messagesPerTopic: settings.messagesPerTopic, maximumAge: settings.maximumAge)
        guard !settings.directory.isEmpty else {
            return EmbeddedLog(LogStore(MemoryStorage(), storeSettings, time: time, logger: logger))
        }
        let result: Result<LogStore, StorageError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { () throws(StorageError) in
                        try LogStore.open(
                            DiskStorage(settings.directory), storeSettings, time: time, logger: logger)
                    })
            }
        }
        do {
            return EmbeddedLog(try result.get())
        } catch {
            throw StartupError(
                "data_directory: \(error); name a directory that this server alone may write to, or leave it empty to "
                    + "keep messages in memory only")
        }
    }

    /// A log in memory.
    public convenience init() {
        let logger = Logger(label: "embedded-log") { _ in SwiftLogNoOpLogHandler() }
        self.init(LogStore(MemoryStorage(), LogStore.Settings(), time: .system, logger: logger))
    }

    init(_ store: LogStore) { self.store = store }

    public var description: String { "EmbeddedLog" }

    /// Appends that wait to be stored.
    public var pendingAppends: Int { state.withLock(\.waiting.count) }

    // MARK: MessageLog

    public func entriesPerTopic(_ kind: Topic.Kind) -> Int { store.settings.messagesPerTopic }

    public var storageObstacle: String? { store.obstacle.withLock(\.self) }

    public func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        guard enqueue(Append(draft, completion)) else {
            return completion(
                .failure(
                    ChatError(
                        .unavailable, "not sent: too many messages are waiting, try again",
                        cause: AppendFailure(.overloaded))))
        }
    }

    public func head(of topic: Topic) async throws(ChatError) -> SequenceNumber { store.head(of: topic) }

    public func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([Entry]) -> Void
    ) async throws(ChatError) -> SequenceNumber? {
        try await read(on: reading.first) { [store] () throws(StorageError) in
            try store.readAll(kind, after: sequence, atMost: maximum, batch)
        }
    }

    public func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        let reader = Int(UInt(bitPattern: topic.hashValue) % UInt(reading.count))
        return try await read(on: reading[reader]) { [store] () throws(StorageError) in
            try store.page(of: topic, range, limit: limit)
        }
    }

    private func read<Value: Sendable>(
        on queue: DispatchQueue?, _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(ChatError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            (queue ?? self.queue).async { continuation.resume(returning: Result(catching: body)) }
        }
        do {
            return try result.get()
        } catch {
            throw ChatError(.unavailable, "the message store cannot be read", cause: error)
        }
    }

    public func epoch(of kind: Topic.Kind) -> Epoch { store.epoch }

    public func verifyEpoch(of kind: Topic.Kind) async throws(ChatError) -> Epoch { store.epoch }

    // MARK: TopicBus

    public func start(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        state.withLock { $0.receive = receive }
    }

    public func follow(_ topic: Topic) throws(ChatError) {
        state.withLock { _ = $0.followed.insert(topic) }
    }

    public func unfollow(_ topic: Topic) {
        state.withLock { _ = $0.followed.remove(topic) }
    }

    public func announce(_ announcement: Announcement) throws(ChatError) {
        try state.withLock { state throws(ChatError) in
            guard state.waitingAnnouncements < Self.maximumWaiting else {
                throw ChatError(.unavailable, "too much is waiting, try again")
            }
            state.waitingAnnouncements += 1
        }
        announcing.async { [self] in
            let receive = state.withLock { state in
                state.waitingAnnouncements -= 1
                return state.receive
            }
            receive?(.announcement(announcement))
        }
    }

    // MARK: Upkeep

    /// Looks after what is on the disk until shutdown, then puts everything there and takes no more.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            var seconds = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                seconds += 1
                let isMinute = seconds.isMultiple(of: 60)
                await onQueue { [self] store in
                    store.sync()
                    store.probe()
                    if isMinute { tell(store.expire()) }
                }
            }
        }
        await onQueue { _ in }
        await withCheckedContinuation { continuation in compaction.async { continuation.resume() } }
        await onQueue { $0.close() }
    }

    /// Does something between two batches.
    private func onQueue(_ body: @escaping @Sendable (LogStore) -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                body(store)
                compactIfWanted()
                continuation.resume()
            }
        }
    }

    /// That of some topics nothing is retained any more up to a number. On the queue, so between what was stored before and
    /// what is stored after.
    private func tell(_ dropped: [Topic: UInt64]) {
        let (receive, followed) = state.withLock { ($0.receive, $0.followed) }
        for (topic, sequence) in dropped where followed.contains(topic) {
            receive?(.dropped(.upTo(SequenceNumber(sequence)), of: .topic(topic)))
        }
    }

    private func compactIfWanted() {
        guard store.takeCompactionRequest() else { return }
        compaction.async { [store] in store.compact() }
    }

    // MARK: The queue

    private func enqueue(_ append: Append) -> Bool {
        let (isAccepted, isFirst) = state.withLock { state in
            guard state.waiting.count < Self.maximumWaiting, state.waitingBytes < Self.maximumWaitingBytes else {
                return (false, false)
            }
            state.waiting.append(append)
            state.waitingBytes += append.bytes
            defer { state.isBusy = true }
            return (true, !state.isBusy)
        }
        if isFirst { queue.async { [self] in workOff() } }
        return isAccepted
    }

    /// One batch; then others on the queue have their turn.
    private func workOff() {
        let batch = state.withLock { state in
            var batch: [Append] = []
            var bytes = 0
            while batch.count < Self.batchWork, bytes < Self.batchBytes, let append = state.waiting.popFirst() {
                batch.append(append)
                bytes += append.bytes
            }
            state.waitingBytes -= bytes
            return batch
        }
        let results = store.append(batch.map(\.draft))
        // After the messages are in the index: who follows from now on finds them there.
        let (receive, followed) = state.withLock { ($0.receive, $0.followed) }
        for (append, result) in zip(batch, results) {
            append.completion(result.map(\.appended))
            guard case .success(let stored) = result, let entry = stored.entry else { continue }
            if followed.contains(entry.topic) { receive?(.entry(entry)) }
        }
        compactIfWanted()
        let isMore = state.withLock { state in
            state.isBusy = !state.waiting.isEmpty
            return state.isBusy
        }
        if isMore { queue.async { [self] in workOff() } }
    }
}
