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
        var followed: Set<RoomName> = []
        var waiting = 0
        var memory = EmbeddedLogMemory()
    }

    private static let maximumWaiting = 65_536

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "embedded-log")

    public init() {}

    public func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        let isAccepted = state.withLock { state in
            guard state.waiting < Self.maximumWaiting else { return false }
            state.waiting += 1
            return true
        }
        guard isAccepted else {
            return completion(.failure(ChatError(.unavailable, "not sent: too many messages are waiting, try again")))
        }
        queue.async { [self] in
            let (appended, entry, receive) = state.withLock { state in
                state.waiting -= 1
                let (appended, entry) = state.memory.append(draft, now: .now)
                return (appended, entry, state.followed.contains(draft.room) ? state.receive : nil)
            }
            completion(.success(appended))
            if let entry { receive?(.entry(entry)) }
        }
    }

    public func head(of room: RoomName) async throws(ChatError) -> SequenceNumber {
        state.withLock { $0.memory.head(of: room) }
    }

    public func read(
        _ room: RoomName?, after sequence: SequenceNumber, _ batch: @escaping @Sendable ([LogEntry]) -> Void
    ) async throws(ChatError) -> SequenceNumber {
        let (entries, end) = state.withLock { ($0.memory.entries(of: room, after: sequence), $0.memory.last) }
        batch(entries)
        return end
    }

    public func start(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        state.withLock { $0.receive = receive }
    }

    public func follow(_ room: RoomName) throws(ChatError) {
        state.withLock { _ = $0.followed.insert(room) }
    }

    public func unfollow(_ room: RoomName) {
        state.withLock { _ = $0.followed.remove(room) }
    }

    public func announce(_ notice: MembershipNotice) throws(ChatError) {
        queue.async { [self] in
            state.withLock { $0.followed.contains(notice.room) ? $0.receive : nil }?(.notice(notice))
        }
    }
}

/// What the embedded log remembers: a pure value.
struct EmbeddedLogMemory {
    /// Entries kept, of all rooms together.
    private static let maximumEntries = 10_000
    /// How long an id is known again, as with JetStream, and how many at the most.
    private static let duplicateWindow = Duration.seconds(120)
    private static let maximumIDs = 200_000

    private struct Key: Hashable {
        let sender: Username
        let room: RoomName
        let id: MessageID
    }

    private(set) var last = SequenceNumber.zero
    private var heads: [RoomName: SequenceNumber] = [:]
    private var entries: Deque<LogEntry> = []
    private var known: [Key: SequenceNumber] = [:]
    private var order: Deque<(key: Key, instant: ContinuousClock.Instant)> = []

    /// - Returns: the acknowledgement, and the new entry, nil for a message that is known already.
    mutating func append(_ draft: Draft, now: ContinuousClock.Instant) -> (Appended, LogEntry?) {
        forget(before: now.advanced(by: .zero - Self.duplicateWindow))
        let key = Key(sender: draft.sender, room: draft.room, id: draft.id)
        if let sequence = known[key] { return (Appended(sequence: sequence, isDuplicate: true), nil) }

        last = SequenceNumber(last.value + 1)
        let message = ChatMessage(
            id: draft.id, room: draft.room, sender: draft.sender.text, content: draft.content,
            timestamp: draft.timestamp, sequence: last)
        let entry = LogEntry(room: draft.room, sequence: last, previous: heads[draft.room], event: .message(message))
        heads[draft.room] = last
        entries.append(entry)
        if entries.count > Self.maximumEntries, let oldest = entries.popFirst(), heads[oldest.room] == oldest.sequence {
            heads[oldest.room] = nil  // rooms come and go by the thousand
        }
        known[key] = last
        order.append((key, now))
        return (Appended(sequence: last, isDuplicate: false), entry)
    }

    func head(of room: RoomName) -> SequenceNumber { heads[room] ?? .zero }

    func entries(of room: RoomName?, after sequence: SequenceNumber) -> [LogEntry] {
        entries.filter { $0.sequence > sequence && (room == nil || $0.room == room) }
    }

    private mutating func forget(before instant: ContinuousClock.Instant) {
        while let oldest = order.first, oldest.instant < instant || order.count >= Self.maximumIDs {
            known[oldest.key] = nil
            order.removeFirst()
        }
    }
}
