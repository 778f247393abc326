import InfrastructureConfiguration
import InfrastructureEmbedded
import InfrastructureObservability
import Service

/// A server that stands alone: the log in a directory of its own, and nobody else to agree with about who is present.
extension Backend {
    static func embedded(_ context: AssemblyContext) async throws -> Backend {
        let configuration = context.configuration
        let log = try await EmbeddedLog.open(
            .init(
                directory: configuration.dataDirectory, sync: configuration.logSync,
                messagesPerTopic: configuration.retentionMessagesPerRoom,
                maximumAge: .seconds(configuration.retentionDays * 24 * 3600)),
            time: context.time, logger: context.logger)
        context.registry.gauge("chat_appends_pending") { Double(log.pendingAppends) }
        // Behind the log, which has the directory for this process.
        let revocations =
            configuration.isAuthenticationOn
            ? try EmbeddedRevocationStore(directory: configuration.dataDirectory, time: context.time) : nil
        return Backend(
            log: log, bus: log, presence: EmbeddedPresenceStore(), revocations: revocations, services: [log])
    }
}
