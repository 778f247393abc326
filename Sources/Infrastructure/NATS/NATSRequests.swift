import Domain
import Synchronization

/// Requests to NATS whose answers come back on one inbox, matched by a number.
///
/// Made before the connection, whose callbacks need it; see ``attach(to:)``. Bounded; each request is answered exactly
/// once: by the reply, by its deadline (all of one table have about the same time to wait), or by the loss of the connection.
final class NATSRequests: Sendable {
    enum Failure: Error {
        /// Nothing was sent: too much is waiting for NATS already.
        case full
        /// Nothing was sent: there is no connection.
        case notSent(NATSError)
        /// Nobody listens to the subject.
        case noResponders
        /// Nobody knows whether it arrived: the deadline has passed.
        case unanswered
        /// Nobody knows whether it arrived: the connection was lost.
        case lost
    }

    typealias Completion = @Sendable (Result<[UInt8], Failure>) -> Void

    private let pending: Mutex<PendingRequests<Completion>>
    /// Who waits for messages of which consumer.
    private let consumers = Mutex<[String: @Sendable (StoredMessage, ConsumerPlace) -> Void]>([:])
    private let inbox = "_INBOX.\(RandomToken.make())."

    /// At most 65,536 requests and 64 MiB wait for NATS.
    init(maximumCount: Int = 65_536, maximumBytes: Int = 64 << 20) {
        pending = Mutex(PendingRequests(maximumCount: maximumCount, maximumBytes: maximumBytes))
    }

    var count: Int { pending.withLock { $0.count } }

    /// Listens for answers. - Returns: what must be kept as long as answers are wanted.
    func attach(to connection: NATSConnection) throws(NATSError) -> NATSSubscription {
        try NATSSubscription(to: inbox + "*", on: connection) { [self] message in
            let subject = message.subject
            if subject.hasPrefix(inbox) {
                guard let token = UInt64(subject.dropFirst(inbox.count)) else { return }
                settle(token, message.saysNoResponders ? .failure(.noResponders) : .success(message.payload))
            } else if let place = message.reply.flatMap(ConsumerPlace.init) {
                // What a consumer delivers keeps the subject under which it was stored.
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

    /// Asks a consumer for messages, and waits until the batch has what it wants, or NATS says that there are no more. One
    /// caller per consumer at a time.
    ///
    /// - Parameter batch: empty.
    /// - Returns: what came; where the deadline passes or the connection is lost, what came until then, or the failure
    ///   where that is nothing. Unless the batch is whole, the consumer may have sent more, which nobody takes: it must
    ///   not be asked again.
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

    /// Gives up what has waited too long. Called every now and then.
    func expire() {
        for completion in pending.withLock({ $0.expire(now: .now) }) { completion(.failure(.unanswered)) }
    }

    /// The connection was lost, and with it every answer that was on its way.
    func failAll() {
        for completion in pending.withLock({ $0.removeAll() }) { completion(.failure(.lost)) }
    }
}

/// A message of a stream, read back.
struct StoredMessage: Sendable {
    let subject: String
    let sequence: UInt64
    let payload: [UInt8]
}

/// What came in for one pull.
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

/// Which consumer delivered a message, and which place it has in the stream and among what the consumer delivers, as its
/// reply subject says.
struct ConsumerPlace: Equatable {
    let consumer: String
    /// In the stream.
    let sequence: UInt64
    /// The consumer's own count: the first message that it delivers is 1, whatever is left out between two of them.
    let number: UInt64

    /// - Returns: nil for what is no reply subject of a consumer:
    ///   `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<number>.<time>.<pending>`, with domain and account before
    ///   the stream, and perhaps a token at the end, in its longer form.
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
