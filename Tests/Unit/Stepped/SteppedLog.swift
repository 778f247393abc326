import DequeModule
import Domain
import Service
import Synchronization

/// Log and bus in memory, with nothing that happens by itself: the test lets acknowledgements and live copies through, one
/// by one, and may lose or repeat them.
final class SteppedLog: MessageLog, TopicBus {
    fileprivate struct Key: Hashable {
        let sender: String
        let topic: Topic
        let id: MessageID
    }

    fileprivate struct State {
        var entries: [Entry] = []
        var newest = SequenceNumber.zero
        var dropped = SequenceNumber.zero
        var generation = 1
        /// What the bus has told of.
        var knownGeneration = 1
        var known: [Key: SequenceNumber] = [:]
        var followed: Set<Topic> = []
        var receive: (@Sendable (BusEvent) -> Void)?
        var outcomes: Deque<@Sendable () -> Void> = []
        var copies: Deque<BusEvent> = []
        /// Nil: they are taken.
        var refusal: ChatError?
        var refusesReads = false
        var retained = 10_000

        var epoch: Epoch { Self.epoch(generation) }

        static func epoch(_ generation: Int) -> Epoch { Epoch("epoch-\(generation)") }

        func head(of topic: Topic) -> SequenceNumber { entries.last { $0.topic == topic }?.sequence ?? .zero }
    }

    private let state = Mutex(State())
    /// Reads pass here.
    let reading = Turnstile()

    // MARK: What a test does to it

    /// Acknowledgements and refusals that are still to come.
    var outcomes: Int { state.withLock { $0.outcomes.count } }

    /// Live copies that are still to come.
    var copies: Int { state.withLock { $0.copies.count } }

    @discardableResult
    func letOutcomeThrough() -> Bool {
        let outcome = state.withLock { $0.outcomes.popFirst() }
        outcome?()
        return outcome != nil
    }

    @discardableResult
    func letCopyThrough() -> Bool {
        let (copy, receive) = state.withLock { ($0.copies.popFirst(), $0.receive) }
        if let copy { receive?(copy) }
        return copy != nil
    }

    func loseCopy() { state.withLock { _ = $0.copies.popFirst() } }

    func repeatCopy() { state.withLock { state in if let copy = state.copies.first { state.copies.prepend(copy) } } }

    /// As the bus tells it.
    func tell(_ event: BusEvent) { state.withLock { $0.receive }?(event) }

    func refuseAppends(_ refuses: Bool = true) { refuseAppends(refuses ? ChatError(.unavailable, "down") : nil) }

    func refuseAppends(_ error: ChatError?) { state.withLock { $0.refusal = error } }

    func refuseReads(_ refuses: Bool = true) { state.withLock { $0.refusesReads = refuses } }

    /// From now on only what is beyond `sequence` is retained.
    func drop(upTo sequence: SequenceNumber) {
        state.withLock { state in
            state.dropped = max(state.dropped, sequence)
            state.entries.removeAll { $0.sequence <= sequence }
        }
    }

    /// Of each topic so many are retained from now on.
    func retain(_ count: Int) { state.withLock { $0.retained = count } }

    /// Everything is gone, and the log is another one. - Parameter isTold: the bus has noticed.
    func renew(isTold: Bool = true) {
        state.withLock { state in
            state.entries = []
            state.copies = []
            state.known = [:]
            (state.newest, state.dropped) = (.zero, .zero)
            state.generation += 1
        }
        if isTold { tellRenewal() }
    }

    private func tellRenewal() {
        let isNews = state.withLock { state in
            defer { state.knownGeneration = state.generation }
            return state.knownGeneration != state.generation
        }
        guard isNews else { return }
        for kind in Topic.Kind.allCases { tell(.renewed(kind, after: .zero)) }
    }

    func retained(_ topic: Topic) -> [Entry] { state.withLock { $0.entries.filter { $0.topic == topic } } }

    var followed: Set<Topic> { state.withLock { $0.followed } }

    // MARK: MessageLog

    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        state.withLock { state in
            if let refusal = state.refusal {
                return state.outcomes.append { completion(.failure(refusal)) }
            }
            let key = Key(sender: draft.contribution.traits.author, topic: draft.topic, id: draft.id)
            if let sequence = state.known[key] {
                return state.outcomes.append {
                    completion(.success(Appended(sequence: sequence, isDuplicate: true)))
                }
            }
            let sequence = state.store(draft.topic, .contribution(draft.contribution))
            state.known[key] = sequence
            state.outcomes.append { completion(.success(Appended(sequence: sequence, isDuplicate: false))) }
        }
    }

    /// Stores what comes from elsewhere.
    @discardableResult
    func store(_ body: Entry.Body, in topic: Topic) -> SequenceNumber {
        state.withLock { $0.store(topic, body) }
    }

    func head(of topic: Topic) async throws(ChatError) -> SequenceNumber {
        try await read { $0.head(of: topic) }
    }

    func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([Entry]) -> Void
    ) async throws(ChatError) -> SequenceNumber? {
        let (entries, newest) = try await read { state in
            (state.entries.filter { $0.topic.kind == kind && $0.sequence > sequence }, state.newest)
        }
        guard newest.value <= sequence.value + maximum else { return nil }
        batch(entries)
        return newest
    }

    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        try await read { $0.page(of: topic, range, limit: limit) }
    }

    private func read<Value: Sendable>(_ body: @Sendable (State) -> sending Value) async throws(ChatError) -> Value {
        await reading.pass()
        return try state.withLock { state throws(ChatError) in
            guard !state.refusesReads else { throw ChatError(.unavailable, "down") }
            return body(state)
        }
    }

    func epoch(of kind: Topic.Kind) -> Epoch { state.withLock { State.epoch($0.knownGeneration) } }

    func verifyEpoch(of kind: Topic.Kind) async throws(ChatError) -> Epoch {
        let epoch = try await read { $0.epoch }
        tellRenewal()
        return epoch
    }

    func entriesPerTopic(_ kind: Topic.Kind) -> Int { state.withLock { $0.retained } }

    var storageObstacle: String? { nil }

    // MARK: TopicBus

    func start(_ receive: @escaping @Sendable (BusEvent) -> Void) { state.withLock { $0.receive = receive } }

    func follow(_ topic: Topic) throws(ChatError) { state.withLock { _ = $0.followed.insert(topic) } }

    func unfollow(_ topic: Topic) { state.withLock { _ = $0.followed.remove(topic) } }

    func announce(_ announcement: Announcement) throws(ChatError) {
        state.withLock { $0.copies.append(.announcement(announcement)) }
    }
}

extension SteppedLog.State {
    fileprivate mutating func store(_ topic: Topic, _ body: Entry.Body) -> SequenceNumber {
        newest = SequenceNumber(newest.value + 1)
        let previous = head(of: topic)
        let entry = Entry(
            topic: topic, sequence: newest, previous: previous == .zero ? nil : previous, body: body)
        entries.append(entry)
        let surplus = entries.count { $0.topic == topic } - retained
        if surplus > 0 {
            for _ in 0..<surplus {
                guard let oldest = entries.firstIndex(where: { $0.topic == topic }) else { break }
                entries.remove(at: oldest)
            }
        }
        if followed.contains(topic) { copies.append(.entry(entry)) }
        return newest
    }

    fileprivate func page(of topic: Topic, _ range: LogRange, limit: PageLimit) -> LogPage {
        let all = entries.filter { $0.topic == topic }
        let candidates =
            switch range {
            case .latest: Array(all.reversed())
            case .before(let sequence): all.reversed().filter { $0.sequence < sequence }
            case .after(let sequence): all.filter { $0.sequence > sequence }
            }
        var page: [Entry] = []
        var bytes = 0
        for entry in candidates.prefix(max(1, limit.entries)) {
            bytes += entry.frameSize
            guard page.isEmpty || bytes <= limit.bytes else { break }
            page.append(entry)
        }
        let more = page.count < candidates.count
        if case .after = range {} else { page.reverse() }
        return LogPage(
            entries: page, more: more, floor: dropped, head: head(of: topic), end: newest, epoch: epoch)
    }
}
