import Domain
import Service

/// The message log on JetStream: each append is one asynchronous publish, acknowledged on an inbox of our own.
///
/// nats.c's own asynchronous publishes are not used: what is pending there when NATS dies stays pending for ever. Here
/// every append has a deadline, and fails at once when the connection is lost (docs/decisions/0004-nats-c.md).
final class JetStreamLog: MessageLog {
    /// How many pages are read at once. If a thousand clients come back at the same moment, the others wait.
    private static let concurrentPages = 8
    /// How long a page may wait for its turn, and how long it may then take.
    private static let pagePatience: Duration = .seconds(10)

    private let api: JetStreamAPI
    private let appends: NATSRequests
    private let appendTimeout: Duration
    private let readers: PerKind<JetStreamReader>
    private let watches: PerKind<StreamWatch>
    private let storage: PerKind<StreamStorage>
    private let slots = ReadSlots(concurrentPages, patience: pagePatience)
    private let onDoubt: @Sendable (Topic.Kind) -> Void

    /// - Parameter onDoubt: called on any thread when a stream should be checked: nobody took an append, the stream is
    ///   said not to exist because it is gone or has no leader, or its limits shrank.
    init(
        api: JetStreamAPI, appends: NATSRequests, watches: PerKind<StreamWatch>, storage: PerKind<StreamStorage>,
        time: TimeSource, appendTimeout: Duration,
        onDoubt: @escaping @Sendable (Topic.Kind) -> Void
    ) {
        self.api = api
        self.watches = watches
        self.storage = storage
        self.appends = appends
        self.appendTimeout = appendTimeout
        self.onDoubt = onDoubt
        readers = PerKind { kind in
            JetStreamReader(
                api: api, kind: kind, decoder: EntryDecoder(incarnation: watches[kind].incarnation, time: time))
        }
    }

    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        let kind = draft.topic.kind
        let incarnation = watches[kind].incarnation
        let storage = storage[kind]
        let payload = StoredPayload.encode(draft)
        appends.send(
            payload, to: Subject.stored(draft.topic),
            header: (Subject.messageIDHeader, Subject.messageID(of: draft)), on: api.connection, timeout: appendTimeout
        ) { [onDoubt, bytes = payload.count] result in
            switch result.mapError(AppendRefusal.init).flatMap(Self.outcome) {
            case .success(let appended):
                incarnation.saw(appended.sequence.value)
                storage.stored()
                completion(.success(appended))
            case .failure(let refusal):
                if refusal.reason == .notReady || refusal.reason == .tooLarge { onDoubt(kind) }
                if refusal.isObstacle {
                    storage.refused(refusal.words, isAnswered: refusal.isAnswered, bytes: bytes)
                }
                completion(.failure(refusal.error))
            }
        }
    }

    private static func outcome(_ answer: [UInt8]) -> Result<Appended, AppendRefusal> {
        do throws(JetStreamError) {
            let acknowledgement: PublishAcknowledgement
            if let plain = PublishAcknowledgement(plain: answer) {
                acknowledgement = plain
            } else {
                acknowledgement = try PublishAcknowledgement(answer: answer)
            }
            return .success(
                Appended(
                    sequence: SequenceNumber(acknowledgement.seq), isDuplicate: acknowledgement.duplicate ?? false))
        } catch {
            return .failure(AppendRefusal(error))
        }
    }

    var storageObstacle: String? {
        let obstacles = Topic.Kind.allCases.compactMap { storage[$0].obstacle }
        return obstacles.isEmpty ? nil : obstacles.joined(separator: "; ")
    }

    /// Checks streams that take no messages, until the task is cancelled.
    func watchStorage() async {
        await withTaskGroup { group in
            for kind in Topic.Kind.allCases {
                group.addTask { [self] in
                    await storage[kind].watch { bytes in
                        let finding = await api.look(at: kind, for: bytes)
                        if finding == .absence { onDoubt(kind) }
                        return finding
                    }
                }
            }
        }
    }

    func head(of topic: Topic) async throws(ChatError) -> SequenceNumber {
        try await reading(topic.kind) {
            SequenceNumber(try await api.lastSequence(of: Subject.stored(topic), in: topic.kind.stream) ?? 0)
        }
    }

    func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([Entry]) -> Void
    ) async throws(ChatError) -> SequenceNumber? {
        try await reading(kind) { try await readers[kind].readAll(after: sequence, atMost: maximum, batch) }
    }

    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        let kind = topic.kind
        return try await reading(kind) {
            try await slots.withSlot {
                var reader = readers[kind]
                reader.api.deadline = .now + Self.pagePatience
                let known = watches[kind].incarnation.epoch
                let page = try await reader.page(of: topic, range, limit: limit)
                if page.epoch == known { return page }
                // The stream was replaced during the read: the page may hold messages of either.
                _ = try await watches[kind].verify()
                return try await reader.page(of: topic, range, limit: limit)
            }
        }
    }

    /// The limit that the stream had when it was last checked. Another instance or an operator may have set it to
    /// another value than this instance's.
    func entriesPerTopic(_ kind: Topic.Kind) -> Int { watches[kind].incarnation.messagesPerSubject }

    func epoch(of kind: Topic.Kind) -> Epoch { watches[kind].incarnation.epoch }

    func verifyEpoch(of kind: Topic.Kind) async throws(ChatError) -> Epoch {
        try await reading(kind) { try await watches[kind].verify() }
    }

    private func reading<Value: Sendable>(
        _ kind: Topic.Kind, _ body: () async throws -> Value
    ) async throws(ChatError) -> Value {
        do {
            return try await body()
        } catch {
            if (error as? JetStreamError)?.code == JetStreamError.noSuchStream { onDoubt(kind) }
            throw ChatError(.unavailable, "the message store cannot be read now, try again later", cause: error)
        }
    }
}
