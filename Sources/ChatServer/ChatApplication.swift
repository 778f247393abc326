import CoreMetrics
import Domain
import Foundation
import HummingbirdCore
import InfrastructureConfiguration
import InfrastructureEmbedded
import InfrastructureNATS
import InfrastructureObservability
import InfrastructureRedis
import InfrastructureThreads
import Logging
import NIOCore
import NIOPosix
import Service
import ServiceLifecycle
import Wire

/// A whole server, put together from its configuration: the one place where everything meets.
struct ChatApplication {
    /// In the order in which they start; they stop in reverse.
    let services: [any ServiceLifecycle.Service]
    /// Reads files of certificates again. What cannot be read leaves things as they are.
    let reloadCertificates: @Sendable () -> Void

    /// Connects to NATS and Redis, where they are configured, and builds everything on them.
    ///
    /// - Parameters:
    ///   - logLinesDropped: lines that the log has lost.
    ///   - onServing: called once the port is open, with its number.
    /// - Throws: ``StartupError``: one line that says what to do.
    static func build(
        _ configuration: ChatConfiguration, logger: Logger,
        logLinesDropped: @escaping @Sendable () -> Int,
        onServing: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws -> ChatApplication {
        // Lives as long as the process, as the singleton does.
        let eventLoopGroup =
            configuration.eventLoopThreads > 0
            ? MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopThreads) : .singleton
        let time = TimeSource.system
        let registry = PrometheusRegistry()
        let backend = try await Backend.connect(
            configuration, eventLoopGroup: eventLoopGroup, time: time, metrics: registry, logger: logger)

        let metrics = EdgeMetrics(registry)
        let budget = DescriptorBudget(
            limit: FileDescriptorLimit.current, wanted: configuration.maxConnections,
            eventLoops: configuration.eventLoopThreads > 0 ? configuration.eventLoopThreads : System.coreCount)
        if budget.connections < configuration.maxConnections {
            logger.warning(
                "the limit of open files allows fewer connections than max_connections",
                metadata: [
                    "connections": "\(budget.connections)", "max_connections": "\(configuration.maxConnections)",
                ])
        }
        let gate = Gate(maximumConnections: budget.connections, metrics: metrics)
        let sockets = OpenSockets(limit: budget.sockets, metrics: metrics, logger: logger)
        let dialects = DialectTable()
        let fanout = Fanout(
            eventLoopGroup: eventLoopGroup, encodings: dialects.encodings,
            goodbyes: .init(window: .seconds(Int64(configuration.drainSeconds))), metrics: metrics)
        let errands = Errands()
        let service = ChatService(
            log: backend.log, bus: backend.bus, presence: backend.presence, delivery: fanout,
            threads: BlockingThreads(
                executor: BlockingExecutor(name: "chat-topics", threads: 4),
                mayWaitHere: {
                    MultiThreadedEventLoopGroup.currentEventLoop == nil && BlockingExecutor.mayBlockHere
                }),
            limits: .init(
                messageBytes: configuration.maxMessageBytes,
                rate: RateLimit(
                    messages: configuration.rateLimitMessages, window: .seconds(configuration.rateLimitWindowSeconds)),
                grace: .seconds(configuration.graceSeconds), historyBytes: configuration.historyMemoryBytes,
                mergeNoticesAbove: configuration.mergeNoticesAbove,
                roomsPerSession: configuration.maxRoomsPerSession),
            time: time, metrics: registry, logger: logger)
        service.start()

        let status = ServerStatus(
            instance: configuration.instanceName, started: .now, dependencies: backend.dependencies, gate: gate,
            service: service)
        registerGauges(in: registry, gate: gate, service: service, backend: backend)
        registry.gauge("chat_sockets") { Double(sockets.count) }
        registry.counter("chat_log_lines_dropped_total", logLinesDropped)
        Meter(
            label: "chat_info", dimensions: [("instance", configuration.instanceName), ("version", Version.current)],
            factory: registry
        ).set(1)
        let frameBytes = FrameLimit.bytes(forContentOf: configuration.maxMessageBytes)
        let edge = Edge(
            service: service, fanout: fanout, errands: errands,
            welcome: .init(instance: configuration.instanceName, version: Version.current), metrics: metrics)
        let upgrade = WebSocketUpgrade(
            gate: gate, edge: edge, dialects: dialects, maximumFrameBytes: frameBytes,
            settings: .init(
                fanout: fanout, gate: gate,
                // A reader who has one message to come is not too slow.
                sendBufferBytes: max(configuration.sendBufferBytes, frameBytes), metrics: metrics))
        let routes = Routes(status: status, service: service, metrics: registry)
        let http = HTTPOrWebSocketChannel(
            routes: routes, upgrade: upgrade, errands: errands, time: time, sockets: sockets,
            handshake: .seconds(Int64(configuration.handshakeSeconds))
        ).server(
            configuration: .init(address: .hostname(configuration.host, port: configuration.port), backlog: 4096),
            onServerRunning: { listener in
                // Fails only where the port is closed again already.
                try? await AcceptPacing.install(in: listener, sockets)
                await onServing(listener.localAddress?.port ?? configuration.port)
            },
            eventLoopGroup: eventLoopGroup, logger: logger)
        let drain = Drain(gate: gate, fanout: fanout, logger: logger)
        let listener = Listener(
            server: http, waitUntilReady: backend.waitUntilReady, errands: errands, host: configuration.host,
            port: configuration.port)
        return ChatApplication(
            services: backend.services + [TopicUpkeep(service: service), listener, drain],
            reloadCertificates: { backend.reloadTrust(logger) })
    }

    private static func registerGauges(
        in registry: PrometheusRegistry, gate: Gate, service: ChatService, backend: Backend
    ) {
        registry.gauge("chat_connections") { Double(gate.connectionCount) }
        registry.gauge("chat_draining") { gate.isDraining ? 1 : 0 }
        registry.gauge("chat_sessions") { Double(service.sessionCount) }
        registry.gauge("chat_sessions_detached") { Double(service.detachedSessionCount) }
        registry.gauge("chat_history_bytes") { Double(service.topics.historyBytes) }
        registry.gauge("chat_active_topics") { Double(service.topics.activeCount) }
        registry.gauge("chat_appends_pending") { Double(backend.pendingAppends()) }
        for dependency in backend.dependencies {
            registry.gauge("chat_\(dependency.name)_up") { dependency.isReachable() ? 1 : 0 }
        }
    }
}

/// Keeps the topics complete while the server runs.
private struct TopicUpkeep: ServiceLifecycle.Service, CustomStringConvertible {
    let service: ChatService

    var description: String { "TopicUpkeep" }

    func run() async throws {
        await cancelWhenGracefulShutdown { await service.run() }
    }
}

/// The HTTP server, with an error that says which port it could not open.
///
/// The services say their names themselves, since the lifecycle logs them at debug level: by default with all they hold.
private struct Listener: ServiceLifecycle.Service, CustomStringConvertible {
    let server: any ServiceLifecycle.Service
    /// Returns once clients may come.
    let waitUntilReady: @Sendable () async throws -> Void
    let errands: Errands
    let host: String
    let port: Int

    var description: String { "Listener" }

    /// Returns when the last session is closed: what that needs stops later.
    func run() async throws {
        async let served: Void = errands.serve()
        try await listen()
        errands.finish()
        await served
    }

    private func listen() async throws {
        do {
            try await cancelWhenGracefulShutdown(waitUntilReady)
            try await server.run()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw StartupError("port \(port) on \(host) cannot be opened: \(reason)")
        } catch is CancellationError {
            return  // asked to stop while it waited to start
        } catch is SocketAddressError {
            throw StartupError("host: \"\(host)\" is no address of this machine and no name of one")
        }
    }
}

/// The adapters that the configuration asks for.
private struct Backend {
    let log: any MessageLog
    let bus: any TopicBus
    let presence: any PresenceStore
    let services: [any ServiceLifecycle.Service]
    let dependencies: [ServerStatus.Dependency]
    let pendingAppends: @Sendable () -> Int
    /// Returns once clients may come; the services are running by then.
    let waitUntilReady: @Sendable () async throws -> Void
    /// Whose certificates Redis may show; nil: embedded.
    var redisTrust: RedisTrust?

    /// Reads the authorities again.
    func reloadTrust(_ logger: Logger) {
        guard let redisTrust else { return }
        do throws(RedisTrustError) {
            try redisTrust.reload()
            logger.info("redis_ca_file was read again")
        } catch {
            logger.error("redis_ca_file cannot be used; what was read before counts", metadata: ["error": "\(error)"])
        }
    }

    static func connect(
        _ configuration: ChatConfiguration, eventLoopGroup: any EventLoopGroup, time: TimeSource,
        metrics: PrometheusRegistry, logger: Logger
    ) async throws -> Backend {
        guard !configuration.isEmbedded else {
            let log = try await EmbeddedLog.open(
                .init(
                    directory: configuration.dataDirectory, sync: configuration.logSync,
                    messagesPerTopic: configuration.retentionMessagesPerRoom,
                    maximumAge: .seconds(configuration.retentionDays * 24 * 3600)),
                time: time, logger: logger)
            return Backend(
                log: log, bus: log, presence: EmbeddedPresenceStore(), services: [log], dependencies: [],
                pendingAppends: { log.pendingAppends }, waitUntilReady: {})
        }
        let deadline = ContinuousClock.now.advanced(by: .seconds(configuration.startupTimeoutSeconds))
        let trust = try configuration.redisTrust()
        let presence = RedisPresenceStore(
            url: try RedisURL(configuration.redisURL), trust: trust,
            keyPrefix: configuration.redisKeyPrefix, beat: configuration.beat,
            leaseLifetime: .seconds(configuration.leaseSeconds),
            grace: .seconds(configuration.graceSeconds), eventLoopGroup: eventLoopGroup, time: time, metrics: metrics,
            logger: logger)
        metrics.gauge("chat_redis_evicts") { presence.evictsKeys ? 1 : 0 }
        let nats = try await NATSCluster.connect(
            .init(
                servers: configuration.natsServers, name: configuration.instanceName,
                messageBytes: configuration.maxMessageBytes,
                messagesPerRoom: configuration.retentionMessagesPerRoom,
                maximumAge: .seconds(configuration.retentionDays * 24 * 3600),
                replicas: configuration.streamReplicas,
                appendTimeout: .seconds(configuration.appendTimeoutSeconds)),
            deadline: deadline, time: time, logger: logger)
        return Backend(
            log: nats.log, bus: nats.bus, presence: presence, services: [nats, presence],
            dependencies: [
                .init(name: "nats") { nats.isReachable },
                .init(name: "redis") { presence.isReachable },
            ],
            pendingAppends: { nats.pendingAppends },
            waitUntilReady: { try await presence.waitUntilReady(within: deadline - .now) }, redisTrust: trust)
    }
}
