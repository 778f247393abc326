import InfrastructureConfiguration
import InfrastructureIdentity
import Service
import ServiceLifecycle

/// The tokens' side of a server: there is none where no key is configured.
struct Authentication {
    private let authenticator: TokenAuthenticator
    private let identity: IdentitySettings
    private let time: TimeSource
    /// Reads keys again that may have changed.
    let keys: any ServiceLifecycle.Service

    /// Reads the files of the keys.
    ///
    /// - Throws: ``IdentityError``: one line that names the key of the configuration.
    init?(_ context: AssemblyContext) throws(IdentityError) {
        let settings = context.configuration.identity
        guard settings.hasKeys else { return nil }
        authenticator = try TokenAuthenticator(
            settings, eventLoopGroup: context.eventLoopGroup, time: context.time, logger: context.logger)
        keys = KeyUpkeep(authenticator: authenticator)
        identity = settings
        time = context.time
    }

    /// How the door and the clients' connections find out who somebody is. The service knows what was revoked.
    func identification(_ service: ChatService) -> Identification {
        Identification(
            authenticator: authenticator, guestPrefix: identity.rules.guestPrefix,
            leeway: .seconds(identity.rules.leewaySeconds), isRevoked: { service.revocations.isRevoked($0) },
            now: time.wall)
    }
}

/// Keeps the keys for tokens up to date while the server runs.
private struct KeyUpkeep: ServiceLifecycle.Service, CustomStringConvertible {
    let authenticator: TokenAuthenticator

    var description: String { "KeyUpkeep" }

    func run() async throws {
        await cancelWhenGracefulShutdown { await authenticator.run() }
    }
}
