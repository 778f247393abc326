import Domain
import Synchronization

/// Requests to NATS whose answers come back on one inbox, matched by a number.
///
/// Made before the connection, whose callbacks need it; see ``attach(to:)``. Bounded; each request is answered exactly
/// once: by the reply, by its deadline, or by the loss of the connection.
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
    private let inbox = "_INBOX.\(RandomToken.make())."

    /// At most 65,536 requests and 64 MiB wait for NATS.
    init(maximumCount: Int = 65_536, maximumBytes: Int = 64 << 20) {
        pending = Mutex(PendingRequests(maximumCount: maximumCount, maximumBytes: maximumBytes))
    }

    var count: Int { pending.withLock { $0.count } }

    /// Listens for answers. - Returns: what must be kept as long as answers are wanted.
    func attach(to connection: NATSConnection) throws(NATSError) -> NATSSubscription {
        try NATSSubscription(to: inbox + "*", on: connection) { [self] message in
            guard let token = UInt64(message.subject.dropFirst(inbox.count)) else { return }
            settle(token, message.saysNoResponders ? .failure(.noResponders) : .success(message.payload))
        }
    }

    /// Sends one request. Does not wait for the network.
    ///
    /// - Parameter completion: called exactly once, possibly before this returns.
    func send(
        _ payload: [UInt8], to subject: String, header: (name: String, value: String)? = nil,
        on connection: NATSConnection, timeout: Duration, completion: @escaping Completion
    ) {
        let token = pending.withLock {
            $0.add(completion, bytes: payload.count, deadline: .now.advanced(by: timeout))
        }
        guard let token else { return completion(.failure(.full)) }
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
