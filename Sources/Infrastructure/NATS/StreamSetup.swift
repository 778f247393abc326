import Domain

/// Why there is no usable stream.
struct StreamSetupError: StartObstacle {
    /// One line that says what to do.
    let description: String
    /// Whether waiting is useless.
    let isPermanent: Bool
    /// Whether JetStream did not answer at all.
    var isSilence = false

    static let noJetStream = StreamSetupError(
        description: "NATS has no JetStream: start nats-server with -js, or set jetstream { store_dir: … }",
        isPermanent: true)

    /// - Parameter words: the words of the NATS server, which name the subject.
    static func prohibited(_ words: String) -> StreamSetupError {
        StreamSetupError(
            description: "NATS does not permit its user what the server needs (\(words)); docs/operations.md lists it",
            isPermanent: true)
    }
}

/// Creates the streams that are missing, and updates the retention of existing ones.
///
/// Every instance does this, but only one creates a stream at a time (``MakingTurn``).
struct StreamSetup: Sendable {
    private static let maximumTurns = 20

    let api: JetStreamAPI
    let settings: StreamSettings
    let largest: LargestMessage

    /// For the start: applies the settings of this instance.
    ///
    /// - Returns: the stream's state afterwards.
    func ensure(_ kind: Topic.Kind) async throws(StreamSetupError) -> StreamReport {
        let report = try await orCreate(kind, update)
        let limit = "max_msg_size of stream \(kind.stream)"
        if let complaint = largest.complaint(about: report.maximumMessageSize, named: limit) {
            throw StreamSetupError(description: complaint, isPermanent: true)
        }
        return report
    }

    /// For later checks: takes the stream as it is. If instances with different settings updated it while they run side
    /// by side, each would undo the other's update.
    func look(_ kind: Topic.Kind) async throws(StreamSetupError) -> StreamReport {
        try await orCreate(kind) { kind throws(JetStreamError) in try await api.streamInfo(kind.stream) }
    }

    private func orCreate(
        _ kind: Topic.Kind, _ existing: (Topic.Kind) async throws(JetStreamError) -> StreamReport
    ) async throws(StreamSetupError) -> StreamReport {
        do throws(JetStreamError) {
            // As many turns as other instances may begin and finish.
            for _ in 0..<Self.maximumTurns {
                if let report = try await unlessMissing(kind, existing) { return report }
                let made = try await inTurn(kind) { () async throws(JetStreamError) in
                    // The instance that had its turn before may have created it meanwhile.
                    if let report = try await unlessMissing(kind, existing) { return report }
                    return try await api.createStream(kind.stream, newConfiguration(kind))
                }
                if let made { return made }
            }
            throw .unanswered(.unanswered)
        } catch {
            throw explain(error, kind.stream)
        }
    }

    private func unlessMissing(
        _ kind: Topic.Kind, _ existing: (Topic.Kind) async throws(JetStreamError) -> StreamReport
    ) async throws(JetStreamError) -> StreamReport? {
        do throws(JetStreamError) {
            return try await existing(kind)
        } catch  where error.code == JetStreamError.noSuchStream {
            return nil
        }
    }

    /// Writes into the stream's note that it was restored to an older state, so that all instances give it a new epoch.
    func markRestored(_ kind: Topic.Kind, _ report: StreamReport) async throws(StreamSetupError) -> StreamReport {
        var note = report.note ?? StreamNote(limit: report.limit, since: nil)
        note.restoration = StreamNote.Restoration(name: String(RandomToken.make().prefix(8)), last: report.last)
        do throws(JetStreamError) {
            return try await api.updateStream(kind.stream, described(report.configuration, note))
        } catch {
            throw explain(error, kind.stream)
        }
    }

    private func newConfiguration(_ kind: Topic.Kind) -> JSONValue {
        let configuration: [String: JSONValue] = [
            "name": .string(kind.stream), "subjects": .array([.string(kind.allStored)]),
            "retention": .string("limits"), "storage": .string("file"),
            "num_replicas": .integer(settings.replicas), "allow_direct": .bool(true),
            "max_consumers": .integer(-1), "max_msgs": .integer(-1), "max_bytes": .integer(-1),
            "max_msg_size": .integer(-1), "republish": republish(kind),
        ]
        return described(
            .object(configuration).merging(settings.retention), StreamNote(limit: settings.messagesPerTopic, since: 0))
    }

    /// Starts from the stream's present configuration, so that what an operator set and we do not manage stays.
    private func update(_ kind: Topic.Kind) async throws(JetStreamError) -> StreamReport {
        var report = try await api.streamInfo(kind.stream)
        if let unfitness = report.unfitness { throw .unfit(unfitness) }
        var note = report.note ?? StreamNote(limit: .max, since: nil)
        if note.limit != report.limit || note.limit != settings.messagesPerTopic {
            // Messages may have been dropped under the old limit. The sequence up to which is asked for once the limit
            // is raised.
            note.since = note.limit > settings.messagesPerTopic && note.limit == report.limit ? note.since : nil
            note.limit = settings.messagesPerTopic
        }
        let wanted = described(report.configuration, note).merging(settings.retention).merging(
            republishing(report, kind))
        if wanted != report.configuration { report = try await api.updateStream(kind.stream, wanted) }
        guard note.since == nil else { return report }
        note.since = report.last
        return try await api.updateStream(kind.stream, described(report.configuration, note))
    }

    private func described(_ configuration: JSONValue, _ note: StreamNote) -> JSONValue {
        configuration.merging(["description": .string(note.added(to: configuration["description"]?.text ?? ""))])
    }

    private func republish(_ kind: Topic.Kind) -> JSONValue {
        .object(["src": .string(kind.allStored), "dest": .string(kind.republished)])
    }

    /// The changes that make the stream republish as needed. Newer servers report more fields than were set.
    private func republishing(_ report: StreamReport, _ kind: Topic.Kind) -> [String: JSONValue] {
        let existing = report.configuration["republish"]
        let isOurs =
            existing?["src"] == .string(kind.allStored) && existing?["dest"] == .string(kind.republished)
            && existing?["headers_only"] != .bool(true)
        return isOurs ? [:] : ["republish": republish(kind)]
    }

    private func explain(_ error: JetStreamError, _ name: String) -> StreamSetupError {
        switch error.code {
        case JetStreamError.noJetStream, JetStreamError.noJetStreamInAccount: return .noJetStream
        case JetStreamError.invalidConfiguration:
            return StreamSetupError(
                description:
                    "NATS refuses the settings of stream \(name) (\(error)). A stream made without republishing "
                    + "cannot be changed on this NATS version: move its messages elsewhere and delete it with "
                    + "'nats stream rm \(name)', then start again; the server creates it anew",
                isPermanent: true)
        case JetStreamError.subjectInUse:
            return StreamSetupError(
                description:
                    "stream \(name) cannot be created: another stream has its subjects already (\(error)); "
                    + "find it with 'nats stream ls --subjects'",
                isPermanent: true)
        case JetStreamError.noReplicas:
            return StreamSetupError(
                description:
                    "stream \(name) cannot be created: stream_replicas is \(settings.replicas), and this NATS server is "
                    + "no cluster (\(error)); set it to 1",
                isPermanent: true)
        case JetStreamError.tooManyStreams, JetStreamError.noLimits, JetStreamError.maximumBytesRequired,
            JetStreamError.maximumBytesExceeded:
            return StreamSetupError(
                description: "stream \(name) cannot be created: the limits of the NATS account forbid it (\(error))",
                isPermanent: true)
        default:
            var isUnfit = false
            var isSilence = false
            if case .unfit = error { isUnfit = true }
            if case .unanswered = error { isSilence = true }
            return StreamSetupError(
                description: "stream \(name) cannot be used: \(error)", isPermanent: isUnfit, isSilence: isSilence)
        }
    }
}
