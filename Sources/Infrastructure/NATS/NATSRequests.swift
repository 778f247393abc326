import Domain
import Synchronization

/// Requests to NATS whose answers come back on one inbox, matched by a number.
///
/// Created before the connection, whose callbacks use it; see ``attach(to:)``. Bounded. Each request is completed
/// exactly once: by its reply, by its deadline (requests of one table have about the same time), or by the loss of the
/// connection.
final class NATSRequests: Sendable {
    enum Failure: Error {
        /// Nothing was sent, because too much waits for NATS already.
        case full
        /// Nothing was sent: there is no connection.
        case notSent(NATSError)
        /// Nobody listens to the subject.
        case noResponders
        /// The deadline passed; nobody knows whether the request arrived.
        case unanswered
        /// The connection was lost; nobody knows whether the request arrived.
        case lost
    }

    typealias Completion = @Sendable (Result<[UInt8], Failure>) -> Void

    private let pending: Mutex<PendingRequests<Completion>>
    /// The receivers of messages, by consumer.
    private let consumers = Mutex<[String: @Sendable (StoredMessage, ConsumerPlace) -> Void]>([:])
    private let inbox = "_INBOX.\(RandomToken.make())."

    /// At most 65,536 requests and 64 MiB wait for NATS.
    init(maximumCount: Int = 65_536, maximumBytes: Int = 64 << 20) {
        pending = Mutex(PendingRequests(maximumCount: maximumCount, maximumBytes: maximumBytes))
    }

    var count: Int { pending.withLock { $0.count } }

    /// Subscribes to the answers. - Returns: the subscription, which the caller must retain for as long as it wants
    /// answers.
    func attach(to connection: NATSConnection) throws(NATSError) -> NATSSubscription {
        try NATSSubscription(to: inbox + "*", on: connection) { [self] message in
            let subject = message.subject
            if subject.hasPrefix(inbox) {
                guard let token = UInt64(subject.dropFirst(inbox.count)) else { return }
                settle(token, message.saysNoResponders ? .failure(.noResponders) : .success(message.payload))
            } else if let place = message.reply.flatMap(ConsumerPlace.init) {
                // A message that a consumer delivers keeps the subject under which it was stored.
                consumers.withLock { $0[place.consumer] }?(
                    StoredMessage(subject: subject, sequence: place.sequence, payload: message.payload), place)
            }
        }
    }

    /// Sends one request. Does not wait for the network.
    ///
    /// - Parameter completion: called exactly once, possibly before this returns.
    func send(
        _ payload: [UInt8], to subject: String, header: (name: String, value: String)? = nil,
        on connection: NATSConnection, timeout: Duration, completion: @escaping Completion
    ) {
        guard let token = add(completion, bytes: payload.count, timeout: timeout) else {
            return completion(.failure(.full))
        }
        publish(payload, to: subject, header: header, on: connection, as: token)
    }

    /// Sends one request and waits for its answer.
    func ask(
        _ payload: [UInt8], at subject: String, header: (name: String, value: String)? = nil,
        on connection: NATSConnection, timeout: Duration
    ) async throws(Failure) -> [UInt8] {
        try await withCheckedContinuation { continuation in
            send(payload, to: subject, header: header, on: connection, timeout: timeout) {
                continuation.resume(returning: $0)
            }
        }.get()
    }

    /// Pulls messages from a consumer, and waits until the batch is complete, or NATS says that there are no more. Only
    /// one caller per consumer at a time.
    ///
    /// - Parameter batch: empty.
    /// - Returns: the messages that came. If the deadline passes or the connection is lost: those that came until then,
    ///   or the failure if none came. If the batch is not whole, the consumer may have sent messages that nobody
    ///   received, so it must not be used again.
    func pull(
        _ payload: [UInt8], at subject: String, from consumer: String, into batch: ConsumerBatch,
        on connection: NATSConnection, timeout: Duration
    ) async throws(Failure) -> ConsumerBatch {
        let collected = CollectedMessages(batch)
        defer { consumers.withLock { $0[consumer] = nil } }
        let result: Result<[UInt8], Failure> = await withCheckedContinuation { continuation in
            let token = add({ continuation.resume(returning: $0) }, bytes: payload.count, timeout: timeout)
            guard let token else { return continuation.resume(returning: .failure(.full)) }
            consumers.withLock { consumers in
                consumers[consumer] = { [self] message, place in
                    if collected.append(message, number: place.number) { settle(token, .success([])) }
                }
            }
            publish(payload, to: subject, header: nil, on: connection, as: token)
        }
        guard case .failure(let failure) = result else { return collected.close(isToldByNATS: true) }
        let batch = collected.close(isToldByNATS: false)
        if batch.messages.isEmpty { throw failure }
        return batch
    }

    private func add(_ completion: @escaping Completion, bytes: Int, timeout: Duration) -> UInt64? {
        let deadline = ContinuousClock.now + timeout
        return pending.withLock { $0.add(completion, bytes: bytes, deadline: deadline) }
    }

    private func publish(
        _ payload: [UInt8], to subject: String, header: (name: String, value: String)?, on connection: NATSConnection,
        as token: UInt64
    ) {
        do throws(NATSError) {
            try connection.publish(payload, to: subject, reply: inbox + String(token), header: header)
        } catch {
            settle(token, .failure(.notSent(error)))
        }
    }

    private func settle(_ token: UInt64, _ result: Result<[UInt8], Failure>) {
        pending.withLock { $0.settle(token) }?(result)
    }

    /// Fails the requests whose deadline has passed. Must be called regularly.
    func expire() {
        for completion in pending.withLock({ $0.expire(now: .now) }) { completion(.failure(.unanswered)) }
    }

    /// Fails all requests, because the connection was lost, and every answer with it.
    func failAll() {
        for completion in pending.withLock({ $0.removeAll() }) { completion(.failure(.lost)) }
    }
}

/// A message read from a stream.
struct StoredMessage: Sendable {
    let subject: String
    let sequence: UInt64
    let payload: [UInt8]
}

/// The messages that came in for one pull.
private final class CollectedMessages: Sendable {
    private let batch: Mutex<ConsumerBatch>

    init(_ batch: ConsumerBatch) { self.batch = Mutex(batch) }

    /// - Returns: whether the pull is over.
    func append(_ message: StoredMessage, number: UInt64) -> Bool {
        batch.withLock { $0.append(message, number: number) }
    }

    func close(isToldByNATS: Bool) -> ConsumerBatch {
        batch.withLock { batch in
            batch.close(isToldByNATS: isToldByNATS)
            return batch
        }
    }
}

/// The consumer that delivered a message, the message's place in the stream, and its place among the consumer's
/// deliveries. Parsed from the reply subject.
struct ConsumerPlace: Equatable {
    let consumer: String
    /// In the stream.
    let sequence: UInt64
    /// The consumer's own count: its first message is 1, and messages that its filter leaves out are not counted.
    let number: UInt64

    /// - Returns: nil unless the subject is a consumer's reply subject:
    ///   `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<number>.<time>.<pending>`. A longer form has a domain
    ///   and an account before the stream, and may have one more token at the end.
    init?(_ reply: String) {
        let tokens = reply.split(separator: ".", omittingEmptySubsequences: false)
        guard tokens.count >= 9, tokens[0] == "$JS", tokens[1] == "ACK" else { return nil }
        let stream = tokens.count == 9 ? 2 : 4
        guard tokens.count >= stream + 7, let sequence = UInt64(tokens[stream + 3]),
            let number = UInt64(tokens[stream + 4])
        else { return nil }
        consumer = String(tokens[stream + 1])
        self.sequence = sequence
        self.number = number
    }
}
