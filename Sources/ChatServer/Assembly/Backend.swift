import InfrastructureConfiguration
import Service
import ServiceLifecycle

/// The adapters that the configuration asks for, and all that the server has to know of them.
///
/// Each kind has its file in this folder. There stands which settings it needs and how they are checked, how it is
/// connected, which gauges it has, and what SIGHUP makes it read again. A new store is its target, its file here, and a
/// line in ``connect(_:)`` and ``check(_:)``.
struct Backend: Sendable {
    let log: any MessageLog
    let bus: any TopicBus
    let presence: any PresenceStore
    /// Nil where there are no tokens to take back.
    var revocations: (any RevocationStore)?
    /// In the order in which they start; they stop in reverse.
    let services: [any ServiceLifecycle.Service]
    /// The servers outside that this one cannot do without.
    var dependencies: [ServerStatus.Dependency] = []
    /// Returns once clients may come; the services are running by then.
    var waitUntilReady: @Sendable () async throws -> Void = {}
    /// Reads files again that may have changed. What cannot be read leaves things as they are.
    var reload: @Sendable () -> Void = {}

    /// Connects to what is configured, and registers its gauges.
    ///
    /// - Throws: ``StartupError`` or ``ConfigurationError``: one line that says what to do.
    static func connect(_ context: AssemblyContext) async throws -> Backend {
        context.configuration.isEmbedded ? try await embedded(context) : try await clustered(context)
    }

    /// Reads what the settings name, and connects to nothing: for `--check-config`.
    static func check(_ configuration: ChatConfiguration) throws(ConfigurationError) {
        if !configuration.isEmbedded { try checkClustered(configuration) }
    }
}
