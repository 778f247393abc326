import Domain
import NIOCore
import Service
import Wire

/// Hands the messages of one client to the log, and tells it what became of them: of a message that is stored in its place
/// in the topic's order.
///
/// Sendable because everything mutable is touched on the connection's event loop only.
final class V2Sending: @unchecked Sendable {
    /// Messages not acknowledged, past which nothing more is taken from the client.
    private static let maximumPending = 128

    /// What else follows from the log's answer.
    enum Consequence {
        case none
        /// What the client said in this topic behind the message must not overtake it.
        case refuseQueued(Topic)
        /// Whether the log is still the one it was is to be found out.
        case verify(Topic.Kind)
    }

    private let connection: Connection
    private let service: ChatService
    /// Nil once the client is told nothing more.
    private var pending: PendingMessages? = PendingMessages() {
        didSet { connection.pauseReading(.unanswered, if: pending?.count ?? 0 >= Self.maximumPending) }
    }
    private var doubts = Doubts()
    private var inFlight = 0

    init(_ connection: Connection, _ service: ChatService) {
        self.connection = connection
        self.service = service
    }

    /// Whether the log has answered all that was handed to it.
    var isSettled: Bool { inFlight == 0 }

    // MARK: On the event loop

    /// Hands a draft to the log; the reply follows in its place.
    ///
    /// - Parameters:
    ///   - accepted: when the first copy of a private message was handed to the log.
    ///   - answered: called on any thread with the log's answer, which is then to be given to ``settle(_:_:cursor:)``.
    func append(
        _ draft: Draft, ref: String?, accepted: NIODeadline? = nil,
        answered: @escaping @Sendable (PendingMessages.Token?, Result<Stored, ChatError>) -> Void
    ) {
        let token = pending?.submit(draft, ref: ref, at: accepted ?? connection.acceptanceTime)
        inFlight += 1
        service.append(draft) { answered(token, $0) }
    }

    /// The log has answered.
    ///
    /// - Parameter cursor: up to where the client has been shown a topic; nil where it does not read it.
    func settle(
        _ token: PendingMessages.Token?, _ result: Result<Stored, ChatError>, cursor: (Topic) -> SequenceNumber?
    ) -> Consequence {
        inFlight -= 1
        guard let token, let topic = pending?.message(token)?.draft.topic else { return .none }
        let cursor = cursor(topic)
        guard let outcome = pending?.settle(token, result, readUpTo: cursor) else { return .none }
        switch outcome {
        case .wait:
            return .none
        case .acknowledge(let message, let stored):
            connection.write(acknowledgement(message, stored))
            return .none
        case .refuse(let message):
            guard case .failure(let error) = result else { return .none }
            connection.write(V2Frame(V2Event(error), ref: message.ref))
            // What is refused for good is not sent again, so nothing can overtake it.
            return error.code == .unavailable ? .refuseQueued(topic) : .none
        case .doubt:
            return doubts.add(token, topic.kind) ? .verify(topic.kind) : .none
        }
    }

    /// The client reads the topic no more, or not what stands up to `cursor`: what the log has stored there need not wait
    /// for its place.
    func endReading(_ topic: Topic, upTo cursor: SequenceNumber = SequenceNumber(.max)) {
        for (message, stored) in pending?.endReading(topic, upTo: cursor) ?? [] {
            connection.write(acknowledgement(message, stored))
        }
    }

    /// The client is told nothing more.
    func fallSilent() { pending = nil }

    /// - Returns: the acknowledgement of an own message that waits for its place, which is that of the entry.
    func acknowledgement(inPlaceOf entry: Entry) -> V2Frame? {
        entry.traits.flatMap { traits in
            acknowledgement(inPlaceOf: traits.id, entry.topic, traits.timestamp, entry.sequence)
        }
    }

    /// - Returns: the acknowledgement of an own message that waits for its place, which is here.
    func acknowledgement(
        inPlaceOf id: MessageID, _ topic: Topic, _ timestamp: Timestamp, _ sequence: SequenceNumber
    ) -> V2Frame? {
        pending?.pass(topic, id, timestamp).map { message in
            acknowledgement(message, Stored(sequence: sequence, timestamp: timestamp, isDuplicate: false))
        }
    }

    /// What is written when a message is acknowledged, which is counted here.
    private func acknowledgement(_ message: PendingMessages.Message, _ stored: Stored) -> V2Frame {
        connection.connectionLoop.recordAppend(since: message.accepted)
        return V2Frame(.ack(V2Ack(message.draft, stored)), ref: message.ref)
    }

    // MARK: Messages in doubt

    /// The log is asked now. - Returns: what its answer holds for.
    func takeDoubts(_ kind: Topic.Kind) -> [PendingMessages.Token] { doubts.take(kind) }

    /// The log says that these are stored where the reading has been already. If the log is the one that it was, they are
    /// acknowledged all the same; else the connection ends, and what it waits for is settled by its resume. In an errand.
    func verify(_ kind: Topic.Kind, for doubted: [PendingMessages.Token]) async {
        do throws(ChatError) {
            try await service.verifyLog(kind)
        } catch {
            // Nobody knows: the client is told so, and tries again.
            connection.connectionLoop.post(
                .perform { [self] in
                    trust(doubted) { message, _ in V2Frame(V2Event(error), ref: message.ref) }
                })
            return
        }
        connection.connectionLoop.post(.perform { [self] in trust(doubted) { acknowledgement($0, $1) } })
    }

    private func trust(
        _ doubted: [PendingMessages.Token], _ answer: (PendingMessages.Message, Stored) -> V2Frame
    ) {
        for token in doubted {
            guard let (message, stored) = pending?.trust(token) else { continue }
            connection.write(answer(message, stored))
        }
    }
}
