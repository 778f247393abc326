import CoreMetrics
import Domain
import HummingbirdCore
import InfrastructureConfiguration
import InfrastructureObservability
import Logging
import NIOCore
import Service
import ServiceLifecycle
import Wire

/// A whole server, put together from its configuration: the one place where everything meets.
struct ChatApplication {
    /// In the order in which they start; they stop in reverse.
    let services: [any ServiceLifecycle.Service]
    /// Log lines that were not written, as counted since the start.
    struct LogLines: Sendable {
        /// Those that standard error or the file did not take.
        let dropped: @Sendable () -> Int
        /// Those that were too many of one message at once.
        let suppressed: @Sendable () -> Int
    }

    /// Reads files again that may have changed, such as certificates. What cannot be read leaves things as they are.
    let reload: @Sendable () -> Void

    /// Connects to NATS and Redis, where they are configured, and builds everything on them.
    ///
    /// - Parameters:
    ///   - logLines: what has become of lines that were not written.
    ///   - onServing: called once the port is open, with its number.
    /// - Throws: ``StartupError``: one line that says what to do.
    static func build(
        _ configuration: ChatConfiguration, logger: Logger,
        logLines: LogLines,
        onServing: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws -> ChatApplication {
        let context = AssemblyContext(configuration, logger: logger)
        let certificates = try CertificateFiles(configuration).map { files in
            try CertificateStore(files, time: context.time, logger: logger)
        }
        let authentication = try Authentication(context)
        let website = try Website(configuration)
        let backend = try await Backend.connect(context)
        let metrics = EdgeMetrics(context.registry)
        let budget = context.descriptorBudget()
        let dialects = DialectTable(compression: MessageCompression(configuration))
        let fanout = Fanout(
            eventLoopGroup: context.eventLoopGroup, encodings: dialects.encodings,
            goodbyes: .init(window: .seconds(Int64(configuration.drainSeconds))), metrics: metrics)
        let activity = ActivityLog(keepsTexts: configuration.monitorTexts)
        let service = ChatService(backend, delivery: fanout, activity, context)
        service.start()
        let identification = authentication?.identification(service)
        let gate = Gate(
            DoorRules(
                maximumConnections: budget.connections, identification: identification,
                origins: configuration.allowedOrigins, addresses: .init(configuration)),
            metrics: metrics)
        let sockets = OpenSockets(limit: budget.sockets, metrics: metrics, logger: logger)
        if let certificates {
            context.registry.gauge("chat_tls_certificate_not_after_seconds") { Double(certificates.notAfter) }
        }
        registerGauges(context, gate: gate, sockets: sockets, service: service, logLines: logLines)
        let edge = Edge(
            service: service, fanout: fanout, errands: Errands(),
            welcome: .init(instance: configuration.instanceName, version: Version.current), metrics: metrics,
            identification: identification)
        let adminToken = AdminToken(configuration.adminToken)
        let status = ServerStatus(
            instance: configuration.instanceName, started: .now, dependencies: backend.dependencies, gate: gate,
            service: service)
        let rates = RateUpkeep(activity, context.registry)
        service.describe { status.instanceReport(rates.rates) }
        let access = AdminAccess(adminToken: adminToken, identification: identification)
        let reader = RoomReader(identification: identification, adminToken: adminToken)
        let channel = HTTPOrWebSocketChannel(
            routes: Routes(
                status: status, service: service, metrics: context.registry,
                reader: reader,
                admin: AdminRoutes(access: access, service: service, status: status, now: context.time.wall),
                origins: configuration.allowedOrigins, countRefusal: { metrics.refused($0) },
                messages: RoomMessages(reader: reader, access: access, service: service), website: website),
            upgrade: WebSocketUpgrade(gate: gate, edge: edge, dialects: dialects, configuration),
            errands: edge.errands, time: context.time, sockets: sockets,
            handshake: .seconds(Int64(configuration.handshakeSeconds)),
            maximumHeadBytes: configuration.maxHeaderBytes,
            proxies: TrustedProxies(
                ranges: configuration.trustedProxies, sendHeader: configuration.proxyProtocol == .on),
            limits: gate.limits, certificates: certificates, metrics: metrics)
        let listener = Listener(
            server: server(of: channel, context, onServing: onServing),
            waitUntilReady: {
                try await backend.waitUntilReady()
                try await service.loadRevocations(within: .seconds(configuration.startupTimeoutSeconds))
            },
            errands: edge.errands, host: configuration.host, port: configuration.port)
        return ChatApplication(
            services: backend.services + (authentication.map { [$0.keys] } ?? []) + (certificates.map { [$0] } ?? [])
                + [
                    TopicUpkeep(service: service), rates, listener, Drain(gate: gate, fanout: fanout, logger: logger),
                ],
            reload: {
                backend.reload()
                certificates?.reload()
            })
    }

    private static func server(
        of channel: HTTPOrWebSocketChannel, _ context: AssemblyContext,
        onServing: @escaping @Sendable (Int) async -> Void
    ) -> any ServiceLifecycle.Service {
        let (host, port) = (context.configuration.host, context.configuration.port)
        return channel.server(
            configuration: .init(address: .hostname(host, port: port), backlog: 4096),
            onServerRunning: { listener in
                // Fails only where the port is closed again already.
                try? await AcceptPacing.install(in: listener, channel.sockets)
                await onServing(listener.localAddress?.port ?? port)
            },
            eventLoopGroup: context.eventLoopGroup, logger: context.logger)
    }

    private static func registerGauges(
        _ context: AssemblyContext, gate: Gate, sockets: OpenSockets, service: ChatService,
        logLines: LogLines
    ) {
        let registry = context.registry
        registry.gauge("chat_connections") { Double(gate.connectionCount) }
        registry.gauge("chat_draining") { gate.isDraining ? 1 : 0 }
        registry.gauge("chat_sessions") { Double(service.sessionCount) }
        registry.gauge("chat_sessions_detached") { Double(service.detachedSessionCount) }
        registry.gauge("chat_history_bytes") { Double(service.topics.historyBytes) }
        registry.gauge("chat_active_topics") { Double(service.topics.activeCount) }
        registry.gauge("chat_sockets") { Double(sockets.count) }
        registry.counter("chat_log_lines_dropped_total", logLines.dropped)
        registry.counter("chat_log_lines_suppressed_total", logLines.suppressed)
        let instance = context.configuration.instanceName
        Meter(
            label: "chat_info", dimensions: [("instance", instance), ("version", Version.current)], factory: registry
        ).set(1)
    }
}

extension AddressTable.Limits {
    fileprivate init(_ configuration: ChatConfiguration) {
        self.init(
            connections: configuration.maxConnectionsPerAddress,
            upgradesPerMinute: configuration.maxUpgradesPerAddressPerMinute,
            upgradesPerSecond: configuration.maxUpgradesPerSecond,
            exemptsLoopback: configuration.trustedProxies.isEmpty)
    }
}

extension WebSocketUpgrade {
    fileprivate init(gate: Gate, edge: Edge, dialects: DialectTable, _ configuration: ChatConfiguration) {
        let frameBytes = FrameLimit.bytes(forContentOf: configuration.maxMessageBytes)
        let settings = { bytes in
            Connection.Settings(fanout: edge.fanout, gate: gate, sendBufferBytes: bytes, metrics: edge.metrics)
        }
        self.init(
            gate: gate, edge: edge, dialects: dialects, maximumFrameBytes: frameBytes,
            // A reader who has one message to come is not too slow.
            settings: settings(max(configuration.sendBufferBytes, frameBytes)),
            echoSettings: configuration.echoEndpoint ? settings(EchoConversation.sendBufferBytes) : nil)
    }
}

extension MessageCompression {
    /// Nil where compression is off.
    fileprivate init?(_ configuration: ChatConfiguration) {
        guard configuration.compression == .on else { return nil }
        self.init(minimumBytes: configuration.compressionMinimumBytes)
    }
}
