import InfrastructureConfiguration
import InfrastructureNATS
import InfrastructureObservability
import InfrastructureRedis
import Logging
import Service

/// One server of several: the log and the bus on NATS, presence in Redis.
extension Backend {
    static func clustered(_ context: AssemblyContext) async throws -> Backend {
        let deadline = ContinuousClock.now.advanced(by: .seconds(context.configuration.startupTimeoutSeconds))
        let trust = try context.configuration.redisTrust()
        let presence = try redisPresence(context, trust)
        let revocations = context.configuration.isAuthenticationOn ? try redisRevocations(context, trust) : nil
        let access = try context.configuration.natsAccess()
        let nats = try await natsCluster(context, access, deadline: deadline)
        return Backend(
            log: nats.log, bus: nats.bus, presence: presence, revocations: revocations,
            services: [nats, presence] + (revocations.map { [$0] } ?? []),
            dependencies: [
                .init(name: "nats") { nats.isReachable },
                .init(name: "redis") { presence.isReachable },
            ],
            waitUntilReady: { try await presence.waitUntilReady(within: deadline - .now) },
            reload: {
                reload(trust, context.logger)
                reload(access, context.logger)
            })
    }

    static func checkClustered(_ configuration: ChatConfiguration) throws(ConfigurationError) {
        _ = try configuration.redisTrust()
        _ = try configuration.natsAccess()
    }

    private static func redisPresence(_ context: AssemblyContext, _ trust: RedisTrust) throws -> RedisPresenceStore {
        let configuration = context.configuration
        let presence = RedisPresenceStore(
            url: try RedisURL(configuration.redisURL), trust: trust, keyPrefix: configuration.redisKeyPrefix,
            beat: configuration.beat, leaseLifetime: .seconds(configuration.leaseSeconds),
            grace: .seconds(configuration.graceSeconds), eventLoopGroup: context.eventLoopGroup, time: context.time,
            metrics: context.registry, logger: context.logger)
        context.registry.gauge("chat_redis_up") { presence.isReachable ? 1 : 0 }
        context.registry.gauge("chat_redis_evicts") { presence.evictsKeys ? 1 : 0 }
        return presence
    }

    private static func redisRevocations(
        _ context: AssemblyContext, _ trust: RedisTrust
    ) throws -> RedisRevocationStore {
        RedisRevocationStore(
            url: try RedisURL(context.configuration.redisURL), trust: trust,
            keyPrefix: context.configuration.redisKeyPrefix, eventLoopGroup: context.eventLoopGroup,
            time: context.time, logger: context.logger)
    }

    private static func natsCluster(
        _ context: AssemblyContext, _ access: NATSAccess, deadline: ContinuousClock.Instant
    ) async throws -> NATSCluster {
        let configuration = context.configuration
        let nats = try await NATSCluster.connect(
            .init(
                servers: configuration.natsServers, access: access, name: configuration.instanceName,
                messageBytes: configuration.maxMessageBytes,
                messagesPerRoom: configuration.retentionMessagesPerRoom,
                maximumAge: .seconds(configuration.retentionDays * 24 * 3600),
                replicas: configuration.streamReplicas,
                appendTimeout: .seconds(configuration.appendTimeoutSeconds)),
            deadline: deadline, time: context.time, logger: context.logger)
        context.registry.gauge("chat_nats_up") { nats.isReachable ? 1 : 0 }
        context.registry.gauge("chat_appends_pending") { Double(nats.pendingAppends) }
        return nats
    }

    /// Reads the authorities that may sign the certificate of Redis again.
    private static func reload(_ trust: RedisTrust, _ logger: Logger) {
        do throws(RedisTrustError) {
            try trust.reload()
            logger.info("redis_ca_file was read again")
        } catch {
            logger.error("redis_ca_file cannot be used; what was read before counts", metadata: ["error": "\(error)"])
        }
    }

    /// Reads what the connection to NATS is secured with again.
    private static func reload(_ access: NATSAccess, _ logger: Logger) {
        guard access.hasFiles else { return }
        do throws(NATSFileError) {
            try access.reload()
            logger.info("the files for NATS were read again")
        } catch {
            logger.error(
                "a file for NATS cannot be used; what was read before counts",
                metadata: ["key": "\(error.key)", "error": "\(error)"])
        }
    }
}
