import Domain
import Foundation
import Service
import Wire

/// The message log on JetStream: each append is one asynchronous publish, acknowledged on an inbox of our own.
///
/// nats.c has asynchronous publishes of its own, but what is pending there when NATS dies stays pending for ever; here
/// every append has a deadline, and is settled at once when the connection is lost (docs/decisions/0004-nats-c.md).
final class JetStreamLog: MessageLog {
    private let connection: NATSConnection
    private let requests: NATSRequests
    private let reader: JetStreamReader
    private let timeout: Duration
    private let onNoStream: @Sendable () -> Void

    /// - Parameter onNoStream: called, on any thread, when nobody takes an append: the stream is gone, or not there yet.
    init(
        connection: NATSConnection, requests: NATSRequests, reader: JetStreamReader, timeout: Duration,
        onNoStream: @escaping @Sendable () -> Void
    ) {
        self.connection = connection
        self.requests = requests
        self.reader = reader
        self.timeout = timeout
        self.onNoStream = onNoStream
    }

    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        requests.send(
            StoredPayload.encode(draft), to: Subject.room(draft.room),
            header: ("Nats-Msg-Id", Subject.messageID(of: draft)), on: connection, timeout: timeout
        ) { [onNoStream] result in
            if case .failure(.noResponders) = result { onNoStream() }
            completion(result.mapError(ChatError.init(append:)).flatMap(Self.outcome))
        }
    }

    private static func outcome(_ answer: [UInt8]) -> Result<Appended, ChatError> {
        do {
            let answer = try JSONDecoder().decode(PublishAcknowledgement.self, from: Data(answer))
            if let error = answer.error { throw error }
            guard let sequence = answer.seq else { return .failure(ChatError(append: .unanswered)) }
            return .success(Appended(sequence: SequenceNumber(sequence), isDuplicate: answer.duplicate ?? false))
        } catch {
            return .failure(ChatError(.unavailable, "not sent: the message store refused it, try again", cause: error))
        }
    }

    func head(of room: RoomName) async throws(ChatError) -> SequenceNumber {
        // The stream's leader answers, so that nothing acknowledged is missing.
        var object = JSONObjectWriter()
        object.add("last_by_subj", Subject.room(room))
        let request = object.finish()
        let result = await withCheckedContinuation { continuation in
            requests.send(
                request, to: "$JS.API.STREAM.MSG.GET.\(StreamSettings.name)", on: connection, timeout: timeout
            ) { continuation.resume(returning: $0) }
        }
        do {
            let answer = try JSONDecoder().decode(StoredMessageAnswer.self, from: Data(try result.get()))
            if let error = answer.error, error.errorCode != StoredMessageAnswer.notFound { throw error }
            return SequenceNumber(answer.message?.seq ?? 0)
        } catch {
            throw ChatError(.unavailable, "the message store cannot be read", cause: error)
        }
    }

    func read(
        _ room: RoomName?, after sequence: SequenceNumber, _ batch: @escaping @Sendable ([LogEntry]) -> Void
    ) async throws(ChatError) -> SequenceNumber {
        do {
            return try await onBlockingThread { [reader] in
                try reader.read(room, after: sequence, batch)
            }
        } catch {
            throw ChatError(.unavailable, "the message store cannot be read", cause: error)
        }
    }
}

extension ChatError {
    fileprivate init(append failure: NATSRequests.Failure) {
        switch failure {
        case .full:
            self.init(.unavailable, "not sent: too many messages are waiting, try again")
        case .notSent(let error):
            self.init(.unavailable, "not sent: the message store cannot be reached, try again later", cause: error)
        case .noResponders:
            self.init(.unavailable, "not sent: the message store is not ready, try again later")
        case .unanswered:
            self.init(
                .unavailable, "not confirmed: the message store did not answer, the message may not have been sent")
        }
    }
}
