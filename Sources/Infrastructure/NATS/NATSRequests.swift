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
        /// Nobody knows whether it arrived: the deadline has passed, or the connection was lost.
        case unanswered
    }

    typealias Completion = @Sendable (Result<[UInt8], Failure>) -> Void

    private let pending: Mutex<PendingRequests<Completion>>
    /// Who waits for messages of which consumer.
    private let consumers = Mutex<[String: @Sendable (StoredMessage) -> Void]>([:])
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
                    StoredMessage(subject: subject, sequence: place.sequence, payload: message.payload))
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
        _ payload: [UInt8], at subject: String, on connection: NATSConnection, timeout: Duration
    ) async throws(Failure) -> [UInt8] {
        try await withCheckedContinuation { continuation in
            send(payload, to: subject, on: connection, timeout: timeout) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Asks a consumer for messages, and waits until `count` have come, or the one with the number `end`, or NATS says
    /// that there are no more. One caller per consumer at a time.
    ///
    /// - Returns: what came; where the deadline passes or the connection is lost, what came until then, or the failure
    ///   where that is nothing.
    func pull(
        _ payload: [UInt8], at subject: String, from consumer: String, count: Int, until end: UInt64,
        on connection: NATSConnection, timeout: Duration
    ) async throws(Failure) -> [StoredMessage] {
        let collected = CollectedMessages()
        defer { consumers.withLock { $0[consumer] = nil } }
        let result: Result<[UInt8], Failure> = await withCheckedContinuation { continuation in
            let token = add({ continuation.resume(returning: $0) }, bytes: payload.count, timeout: timeout)
            guard let token else { return continuation.resume(returning: .failure(.full)) }
            consumers.withLock { consumers in
                consumers[consumer] = { [self] message in
                    let isLast = message.sequence >= end
                    if collected.append(message) >= count || isLast { settle(token, .success([])) }
                }
            }
            publish(payload, to: subject, header: nil, on: connection, as: token)
        }
        let messages = collected.take()
        if messages.isEmpty { _ = try result.get() }
        return messages
    }

    private func add(_ completion: @escaping Completion, bytes: Int, timeout: Duration) -> UInt64? {
        pending.withLock { $0.add(completion, bytes: bytes, deadline: .now.advanced(by: timeout)) }
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
        for completion in pending.withLock({ $0.removeAll() }) { completion(.failure(.unanswered)) }
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
    private let messages = Mutex<[StoredMessage]>([])

    /// - Returns: how many there are now.
    func append(_ message: StoredMessage) -> Int {
        messages.withLock { messages in
            messages.append(message)
            return messages.count
        }
    }

    func take() -> [StoredMessage] { messages.withLock { $0 } }
}

/// Which consumer delivered a message, and which place it has in the stream, as its reply subject says.
struct ConsumerPlace: Equatable {
    let consumer: String
    let sequence: UInt64

    /// - Returns: nil for what is no reply subject of a consumer:
    ///   `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<count>.<time>.<pending>`, with domain and account before
    ///   the stream, and perhaps a token at the end, in its longer form.
    init?(_ reply: String) {
        let tokens = reply.split(separator: ".", omittingEmptySubsequences: false)
        guard tokens.count >= 9, tokens[0] == "$JS", tokens[1] == "ACK" else { return nil }
        let stream = tokens.count == 9 ? 2 : 4
        guard tokens.count >= stream + 7, let sequence = UInt64(tokens[stream + 3]) else { return nil }
        consumer = String(tokens[stream + 1])
        self.sequence = sequence
    }
}
