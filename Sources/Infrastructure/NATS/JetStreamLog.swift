import DequeModule
import Domain
import Foundation
import Service
import Synchronization

/// The message log on JetStream: each append is one asynchronous publish, acknowledged on an inbox of our own.
///
/// nats.c has asynchronous publishes of its own, but what is pending there when NATS dies stays pending for ever; here
/// every append has a deadline, and is settled at once when the connection is lost (docs/decisions/0004-nats-c.md).
final class JetStreamLog: MessageLog {
    typealias Completion = @Sendable (Result<Appended, ChatError>) -> Void

    /// The acknowledgements that are awaited. A separate object since the connection's callbacks need it before there is
    /// a connection to publish on.
    final class Pending: Sendable {
        private let appends: Mutex<PendingAppends<Completion>>

        /// At most 65,536 appends and 64 MiB wait for NATS; more are refused at once.
        init(maximumCount: Int = 65_536, maximumBytes: Int = 64 << 20) {
            appends = Mutex(PendingAppends(maximumCount: maximumCount, maximumBytes: maximumBytes))
        }

        func add(_ completion: @escaping Completion, bytes: Int, timeout: Duration) -> UInt64? {
            appends.withLock { $0.add(completion, bytes: bytes, deadline: .now.advanced(by: timeout)) }
        }

        func settle(_ token: UInt64, _ result: Result<Appended, ChatError>) {
            appends.withLock { $0.settle(token) }?(result)
        }

        func expire() {
            for completion in appends.withLock({ $0.expire(now: .now) }) {
                completion(.failure(.unconfirmed))
            }
        }

        func failAll() {
            for completion in appends.withLock({ $0.removeAll() }) {
                completion(.failure(.unconfirmed))
            }
        }

        var count: Int { appends.withLock { $0.count } }
    }

    private let connection: NATSConnection
    private let pending: Pending
    private let timeout: Duration
    private let inbox: String
    private let acknowledgements: NATSSubscription

    init(connection: NATSConnection, pending: Pending, timeout: Duration) throws(NATSError) {
        self.connection = connection
        self.pending = pending
        self.timeout = timeout
        let inbox = "_INBOX.\(RandomToken.make())."
        self.inbox = inbox
        acknowledgements = try NATSSubscription(to: inbox + "*", on: connection) { message in
            guard let token = UInt64(message.subject.dropFirst(inbox.count)) else { return }
            pending.settle(token, Self.outcome(message))
        }
    }

    func append(_ draft: Draft, completion: @escaping Completion) {
        let payload = StoredPayload.encode(draft)
        guard let token = pending.add(completion, bytes: payload.count, timeout: timeout) else {
            return completion(.failure(ChatError(.unavailable, "not sent: too many messages are waiting, try again")))
        }
        do throws(NATSError) {
            try connection.publish(
                payload, to: Subject.room(draft.room), reply: inbox + String(token),
                header: ("Nats-Msg-Id", Subject.messageID(of: draft)))
        } catch {
            pending.settle(
                token,
                .failure(
                    ChatError(
                        .unavailable, "not sent: the message store cannot be reached, try again later", cause: error)))
        }
    }

    private static func outcome(_ message: borrowing NATSMessage) -> Result<Appended, ChatError> {
        guard !message.saysNoResponders else {
            return .failure(ChatError(.unavailable, "not sent: the message store is not ready, try again later"))
        }
        do {
            let answer = try JSONDecoder().decode(PublishAcknowledgement.self, from: Data(message.payload))
            if let error = answer.error { throw error }
            guard let sequence = answer.seq else { return .failure(.unconfirmed) }
            return .success(
                Appended(sequence: SequenceNumber(sequence), isDuplicate: answer.duplicate ?? false))
        } catch {
            return .failure(ChatError(.unavailable, "not sent: the message store refused it, try again", cause: error))
        }
    }
}

extension ChatError {
    /// The acknowledgement did not come: nobody knows whether the message is stored.
    fileprivate static let unconfirmed = ChatError(
        .unavailable, "not confirmed: the message store did not answer, the message may not have been sent")
}
