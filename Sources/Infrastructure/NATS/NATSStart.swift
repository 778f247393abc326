import Domain
import Logging
import Service

/// The steps of a start that NATS may refuse. Each is repeated until the deadline, or given up at once if waiting
/// cannot help.
struct NATSStart: Sendable {
    let settings: NATSCluster.Settings
    let deadline: ContinuousClock.Instant
    let logger: Logger

    func connect(_ onEvent: @escaping @Sendable (NATSConnection.Event) -> Void) async throws -> NATSConnection {
        try await retrying {
            do {
                return try await onBlockingThread { [settings] in
                    try NATSConnection(
                        servers: settings.servers, access: settings.access, name: settings.name, onEvent: onEvent)
                }
            } catch let error as NATSConnectError {
                throw await error.examined()
            }
        }
    }

    func ensure(_ kind: Topic.Kind, _ setup: StreamSetup) async throws -> StreamReport {
        try await retrying {
            do throws(StreamSetupError) {
                return try await setup.ensure(kind)
            } catch {
                throw await explain(error, setup.api.connection)
            }
        }
    }

    /// Finds out why JetStream did not answer. If the question is not permitted, or JetStream is disabled, it never
    /// will.
    private func explain(_ error: StreamSetupError, _ connection: NATSConnection) async -> StreamSetupError {
        guard !error.isPermanent, error.isSilence else { return error }
        if let prohibition = connection.prohibition { return .prohibited(prohibition) }
        guard let server = connection.server, case .nats(let info) = await NATSGreeting.of(server),
            !info.hasJetStream, !info.isInCluster
        else { return error }
        return .noJetStream
    }

    /// Tries what a running instance does, in a form that leaves no trace. NATS reports a missing permission only to
    /// the error handler, and the connection continues.
    func checkRights(_ api: JetStreamAPI) async throws {
        let subjects = Topic.Kind.allCases.map(Subject.nobodysLive) + [Subject.allPresence, Subject.succession]
        let subscriptions = try subjects.map { subject in
            try NATSSubscription(to: subject, on: api.connection) { _ in }
        }
        defer { for subscription in subscriptions { subscription.cancel() } }
        // The answers do not matter here: the first append shows them. A missing permission is reported before an
        // answer comes.
        for kind in Topic.Kind.allCases { try? await api.askToAppend(kind) }
        if let prohibition = api.connection.prohibition { throw refusal("\(StreamSetupError.prohibited(prohibition))") }
    }

    func refusal(_ reason: String) -> StartupError { StartupError("NATS at \(settings.addresses): \(reason)") }

    /// Repeats a call until it succeeds, fails for good, or the deadline has passed.
    private func retrying<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch {
                let isPermanent = (error as? any StartObstacle)?.isPermanent ?? false
                if isPermanent || ContinuousClock.now >= deadline { throw refusal("\(error)") }
                logger.warning("waiting for NATS", metadata: ["at": "\(settings.addresses)", "error": "\(error)"])
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}
