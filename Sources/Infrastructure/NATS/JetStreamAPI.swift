import Domain
import Foundation
import Wire

/// JetStream's own interface: requests in JSON, as the NATS documentation lists them.
///
/// The calls of nats.c are not used: each blocks a thread, they write subjects into JSON without escaping, and they
/// know only the stream settings of their own version, so that an update would reset the others.
struct JetStreamAPI: Sendable {
    /// The time for each answer. While a leader is elected nobody may answer at all; then it is better to ask again
    /// soon.
    private static let timeout: Duration = .seconds(2)

    let connection: NATSConnection
    let requests: NATSRequests
    /// After this moment no request is sent; nil: no end.
    var deadline: ContinuousClock.Instant?

    func streamInfo(_ stream: String, counting subject: String? = nil) async throws(JetStreamError) -> StreamReport {
        var object = JSONObjectWriter()
        object.add("subjects_filter", ifPresent: subject)
        return try await call("STREAM.INFO.\(stream)", object.finish())
    }

    func createStream(_ stream: String, _ configuration: JSONValue) async throws(JetStreamError) -> StreamReport {
        try await call("STREAM.CREATE.\(stream)", try encode(configuration))
    }

    func updateStream(_ stream: String, _ configuration: JSONValue) async throws(JetStreamError) -> StreamReport {
        try await call("STREAM.UPDATE.\(stream)", try encode(configuration))
    }

    func accountInfo() async throws(JetStreamError) -> AccountReport { try await call("INFO", []) }

    /// Publishes to a subject. The message is stored only if the subject's stream has that name.
    func tryToAppend(
        _ payload: [UInt8], to subject: String, of stream: String
    ) async throws(JetStreamError) -> PublishAcknowledgement {
        let answer: [UInt8]
        do throws(NATSRequests.Failure) {
            answer = try await requests.ask(
                payload, at: subject, header: ("Nats-Expected-Stream", stream), on: connection,
                timeout: try patience())
        } catch {
            throw .unanswered(error)
        }
        return try PublishAcknowledgement(answer: answer)
    }

    /// - Returns: the newest message's sequence; nil if there is none.
    func lastSequence(of subject: String, in stream: String) async throws(JetStreamError) -> UInt64? {
        var object = JSONObjectWriter()
        object.add("last_by_subj", subject)
        return try await sequence(object.finish(), in: stream)
    }

    /// - Returns: the sequence of the oldest message at or after `sequence`; nil if there is none.
    func nextSequence(
        of subject: String, in stream: String, from sequence: UInt64
    ) async throws(JetStreamError) -> UInt64? {
        var object = JSONObjectWriter()
        object.add("seq", max(sequence, 1))
        object.add("next_by_subj", subject)
        return try await self.sequence(object.finish(), in: stream)
    }

    /// The leader of the stream answers, so the answer covers every acknowledged message.
    private func sequence(_ request: [UInt8], in stream: String) async throws(JetStreamError) -> UInt64? {
        do throws(JetStreamError) {
            let answer = try await ask("STREAM.MSG.GET.\(stream)", request)
            if answer == StoredMessageAnswer.noSuchMessage { return nil }
            return try StoredMessageAnswer(answer: answer).sequence
        } catch  where error.code == JetStreamError.noSuchMessage {
            return nil
        }
    }

    /// Creates a consumer that reads a stream, or one subject of it, from a sequence on. NATS removes it soon after its
    /// last use.
    func openConsumer(
        of stream: String, on subject: String?, from sequence: UInt64
    ) async throws(JetStreamError) -> StreamConsumer {
        let name = RandomToken.make()
        var settings: [String: JSONValue] = [
            "name": .string(name), "deliver_policy": .string("by_start_sequence"),
            "opt_start_seq": .integer(Int64(clamping: max(sequence, 1))), "ack_policy": .string("none"),
            "replay_policy": .string("instant"), "inactive_threshold": .integer(Duration.seconds(10).nanoseconds),
            "num_replicas": .integer(1), "mem_storage": .bool(true),
        ]
        settings["filter_subject"] = subject.map(JSONValue.string)
        let request = try encode(.object(["stream_name": .string(stream), "config": .object(settings)]))
        let place = "\(stream).\(name)" + (subject.map { "." + $0 } ?? "")
        let answer: ConsumerAnswer = try await call("CONSUMER.CREATE.\(place)", request)
        return StreamConsumer(stream: stream, name: name, pending: answer.pending)
    }

    /// Pulls the next messages; the batch is empty if none came within a second. If the batch is not whole, the
    /// consumer must not be pulled again.
    func pull(
        _ consumer: StreamConsumer, count: Int, until end: UInt64
    ) async throws(JetStreamError) -> ConsumerBatch {
        var object = JSONObjectWriter()
        object.add("batch", count)
        object.add("expires", Duration.seconds(1).nanoseconds)
        do throws(NATSRequests.Failure) {
            return try await requests.pull(
                object.finish(), at: "$JS.API.CONSUMER.MSG.NEXT.\(consumer.stream).\(consumer.name)",
                from: consumer.name, into: ConsumerBatch(count: count, until: end, after: consumer.delivered),
                on: connection, timeout: try patience())
        } catch {
            throw .unanswered(error)
        }
    }

    /// Does not wait for the answer: NATS removes a leftover consumer by itself.
    func close(_ consumer: StreamConsumer) {
        requests.send(
            [], to: "$JS.API.CONSUMER.DELETE.\(consumer.stream).\(consumer.name)", on: connection, timeout: Self.timeout
        ) { _ in }
    }

    private func patience() throws(NATSRequests.Failure) -> Duration {
        guard let deadline else { return Self.timeout }
        let rest = deadline - .now
        guard rest > .zero else { throw .unanswered }
        return min(rest, Self.timeout)
    }

    private func encode(_ value: JSONValue) throws(JetStreamError) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(value)) } catch { throw .unreadable(error) }
    }

    private func call<Answer: JetStreamAnswer>(_ name: String, _ request: [UInt8]) async throws(JetStreamError)
        -> Answer
    {
        try Answer(answer: try await ask(name, request))
    }

    private func ask(_ name: String, _ request: [UInt8]) async throws(JetStreamError) -> [UInt8] {
        do throws(NATSRequests.Failure) {
            return try await requests.ask(request, at: "$JS.API.\(name)", on: connection, timeout: try patience())
        } catch {
            throw .unanswered(error)
        }
    }
}

/// A consumer that was created for one read.
struct StreamConsumer: Sendable {
    let stream: String
    let name: String
    /// The approximate number of messages to read, as JetStream counted them when it created the consumer (2.9.10 is
    /// sometimes off by one).
    let pending: UInt64
    /// The consumer's own number of the last message that its reader got; 0: none.
    var delivered: UInt64 = 0
}
