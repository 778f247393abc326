import Foundation
import InfrastructureConfiguration
import InfrastructureObservability
import Logging
import ServiceLifecycle
import Synchronization

/// One run of the server, from its configuration to its end, and what signals do to it.
final class ServerProcess: Sendable {
    private enum Phase {
        /// Nothing is begun that has to be ended in order.
        case starting
        case running
    }

    /// How long the end waits for those who read the log.
    private static let lastWords = Duration.seconds(1)

    private let configuration: ChatConfiguration
    private let sink: LogSink
    private let logger: Logger
    private let phase = Mutex(Phase.starting)

    init(_ configuration: ChatConfiguration) throws {
        self.configuration = configuration
        sink = try LogSink(
            path: configuration.logFile, format: configuration.logFormat, instance: configuration.instanceName)
        let (sink, format) = (sink, configuration.logFormat)
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        var logger = Logger(label: "chat") { ChatLogHandler(label: $0, level: level, format: format, sink: sink) }
        logger[metadataKey: "instance"] = "\(configuration.instanceName)"
        self.logger = logger
    }

    func run() async throws {
        defer { sink.flush(within: Self.lastWords) }
        let (stops, stop) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let (reloads, reload) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        ProcessSignals.watch { [self] order, signal in
            take(order, signal, stop: { stop.yield() }, reload: { reload.yield() })
        }
        FileDescriptorLimit.raise()
        let (configuration, logger, sink) = (configuration, logger, sink)
        let application = try await ChatApplication.build(
            configuration, logger: logger,
            logLines: .init(dropped: { sink.linesDropped }, suppressed: { sink.linesSuppressed })
        ) { port in
            logger.notice(
                "serving",
                metadata: [
                    "port": "\(port)", "version": "\(Version.current)",
                    "mode": configuration.isEmbedded ? "embedded" : "cluster",
                ])
        }
        let group = ServiceGroup(configuration: .init(services: application.services, logger: logger))
        phase.withLock { $0 = .running }
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { for await _ in stops { await group.triggerGracefulShutdown() } }
            tasks.addTask { for await _ in reloads { application.reload() } }
            try await tasks.next()
            tasks.cancelAll()
        }
        logger.notice("stopped")
    }

    /// On the signals' thread. The first order to stop asks everyone to finish; the second does not wait for them.
    private func take(
        _ order: ProcessSignals.Order, _ signal: String, stop: () -> Void, reload: () -> Void
    ) {
        switch order {
        case .stop:
            logger.notice("stopping", metadata: ["signal": "\(signal)"])
            stop()
            // Held, so that nothing begins meanwhile that would have to be ended in order.
            phase.withLock { phase in
                guard case .starting = phase else { return }
                sink.flush(within: Self.lastWords)
                Foundation.exit(0)
            }
        case .stopAtOnce:
            logger.warning("stopping at once", metadata: ["signal": "\(signal)"])
            sink.flush(within: Self.lastWords)
            Foundation.exit(1)
        case .reload:
            sink.reopen()
            logger.notice("files are opened again", metadata: ["signal": "\(signal)"])
            reload()
        case .nothing:
            logger.info("a signal without a meaning", metadata: ["signal": "\(signal)"])
        }
    }
}
