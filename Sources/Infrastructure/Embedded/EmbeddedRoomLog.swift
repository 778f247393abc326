import DequeModule
import Dispatch
public import Domain
public import Service
import Synchronization

/// Log and bus within the process, for a single instance that needs neither NATS nor Redis.
///
/// It keeps its latest entries in memory. One serial queue gives messages their order, acknowledges them and hands them
/// on; a receiver that blocks slows it down, which the bound on waiting appends turns into refusals.
public final class EmbeddedRoomLog: MessageLog, RoomBus {
    private struct State {
        var receive: (@Sendable (BusEvent) -> Void)?
        var followed: Set<Topic> = []
        var waiting = 0
        var memories: [Topic.Kind: EmbeddedLogMemory] = [:]

        mutating func append(_ draft: Draft) -> (Appended, LogEntry?) {
            memories[draft.topic.kind, default: EmbeddedLogMemory()].append(draft, now: .now)
        }

        func memory(of kind: Topic.Kind) -> EmbeddedLogMemory { memories[kind] ?? EmbeddedLogMemory() }
    }

    private static let maximumWaiting = 65_536

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "embedded-log")
    private let epoch = Epoch(RandomToken.make())

    public init() {}

    public var entriesPerTopic: Int { EmbeddedLogMemory.maximumEntries }

    public func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        guard enqueue() else {
            return completion(.failure(ChatError(.unavailable, "not sent: too many messages are waiting, try again")))
        }
        queue.async { [self] in
            let (appended, entry, receive) = state.withLock { state in
                state.waiting -= 1
                let (appended, entry) = state.append(draft)
                return (appended, entry, state.followed.contains(draft.topic) ? state.receive : nil)
            }
            completion(.success(appended))
            if let entry { receive?(.entry(entry)) }
        }
    }

    private func enqueue() -> Bool {
        state.withLock { state in
            guard state.waiting < Self.maximumWaiting else { return false }
            state.waiting += 1
            return true
        }
    }

    public func head(of topic: Topic) async throws(ChatError) -> SequenceNumber {
        state.withLock { $0.memory(of: topic.kind).head(of: topic) }
    }

    public func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([LogEntry]) -> Void
    ) async throws(ChatError) -> SequenceNumber? {
        let memory = state.withLock { $0.memory(of: kind) }
        guard memory.last.value <= sequence.value + maximum else { return nil }
        batch(memory.entries.filter { $0.sequence > sequence })
        return memory.last
    }

    public func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        let memory = state.withLock { $0.memory(of: topic.kind) }
        return memory.page(of: topic, range, limit: limit, epoch: epoch)
    }

    public func epoch(of kind: Topic.Kind) -> Epoch { epoch }

    public func verifyEpoch(of kind: Topic.Kind) async throws(ChatError) -> Epoch { epoch }

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
        guard enqueue() else { throw ChatError(.unavailable, "too much is waiting, try again") }
        queue.async { [self] in
            let receive = state.withLock { state in
                state.waiting -= 1
                return state.receive
            }
            receive?(.announcement(announcement))
        }
    }
}

/// What the embedded log remembers of one kind of topics: a pure value.
struct EmbeddedLogMemory {
    /// Entries kept, of all topics together.
    static let maximumEntries = 10_000
    /// How long an id is known again, as with JetStream, and how many at the most.
    private static let duplicateWindow = Duration.seconds(120)
    private static let maximumIDs = 200_000

    private struct Key: Hashable {
        let sender: Username
        let topic: Topic
        let recipient: Username?
        let id: MessageID
    }

    private(set) var last = SequenceNumber.zero
    private(set) var entries: Deque<LogEntry> = []
    private var heads: [Topic: SequenceNumber] = [:]
    /// The newest entry that was dropped, of whatever topic.
    private var dropped = SequenceNumber.zero
    private var known: [Key: SequenceNumber] = [:]
    private var order: Deque<(key: Key, instant: ContinuousClock.Instant)> = []

    /// - Returns: the acknowledgement, and the new entry, nil for a message that is known already.
    mutating func append(_ draft: Draft, now: ContinuousClock.Instant) -> (Appended, LogEntry?) {
        forget(before: now.advanced(by: .zero - Self.duplicateWindow))
        let key = Key(sender: draft.sender, topic: draft.topic, recipient: draft.recipient, id: draft.id)
        if let sequence = known[key] { return (Appended(sequence: sequence, isDuplicate: true), nil) }

        last = SequenceNumber(last.value + 1)
        let entry = LogEntry(
            topic: draft.topic, sequence: last, previous: heads[draft.topic], event: draft.event(at: last))
        heads[draft.topic] = last
        entries.append(entry)
        if entries.count > Self.maximumEntries, let oldest = entries.popFirst() {
            dropped = oldest.sequence
            if heads[oldest.topic] == oldest.sequence { heads[oldest.topic] = nil }  // topics come and go by the thousand
        }
        known[key] = last
        order.append((key, now))
        return (Appended(sequence: last, isDuplicate: false), entry)
    }

    func head(of topic: Topic) -> SequenceNumber { heads[topic] ?? .zero }

    func page(of topic: Topic, _ range: LogRange, limit: PageLimit, epoch: Epoch) -> LogPage {
        let all = entries.filter { $0.topic == topic }
        let candidates: [LogEntry]
        switch range {
        case .latest: candidates = all.reversed()
        case .before(let sequence): candidates = all.reversed().filter { $0.sequence < sequence }
        case .after(let sequence): candidates = all.filter { $0.sequence > sequence }
        }
        var page: [LogEntry] = []
        var bytes = 0
        for entry in candidates.prefix(max(1, limit.entries)) {
            bytes += entry.frameSize
            guard page.isEmpty || bytes <= limit.bytes else { break }
            page.append(entry)
        }
        let more = page.count < candidates.count
        if case .after = range {} else { page.reverse() }
        return LogPage(entries: page, more: more, floor: dropped, head: head(of: topic), epoch: epoch)
    }

    private mutating func forget(before instant: ContinuousClock.Instant) {
        while let oldest = order.first, oldest.instant < instant || order.count >= Self.maximumIDs {
            known[oldest.key] = nil
            order.removeFirst()
        }
    }
}

extension Draft {
    /// What is shown of it, once the log has given it its place.
    fileprivate func event(at sequence: SequenceNumber) -> RoomEvent {
        switch topic {
        case .room(let room):
            .message(
                ChatMessage(
                    id: id, room: room, sender: sender.text, content: content, timestamp: timestamp, sequence: sequence)
            )
        case .inbox(let owner):
            .privateMessage(
                PrivateMessage(
                    id: id, owner: owner, sender: sender.text, recipient: (recipient ?? owner).text, content: content,
                    timestamp: timestamp, sequence: sequence))
        }
    }
}
