import ArgumentParser
import Foundation
import Infrastructure
import Logging
import Service
import ServiceLifecycle
import UnixSignals

/// `server`: reads its configuration, runs until it is told to stop, and explains in one line why it cannot.
@main
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "A chat server: one of any number that NATS and Redis join into one chat, or one by itself.",
        discussion: """
            Every key of the configuration can be overridden by an environment variable of the same name in capitals, \
            such as PORT or NATS_URL. Without nats_url and redis_url the server runs by itself.
            """,
        version: Version.current)

    @Option(name: .customLong("config"), help: "The configuration file (JSON).")
    var path: String?

    @Flag(help: "Check the configuration and exit.")
    var checkConfig = false

    @Flag(help: "Ask the server of this configuration whether it is alive, and exit with 0 if so.")
    var health = false

    /// On the main thread, while there is no other.
    @MainActor
    static func main() async {
        ThreadScheduling.withoutPreemption()
        await main(nil)
    }

    func run() async throws {
        do {
            var configuration = try ChatConfiguration.load(
                path: path, environment: ProcessInfo.processInfo.environment)
            if checkConfig {
                _ = try configuration.redisTrust()
                return print("the configuration is valid")
            }
            if health { return try await HealthCheck(configuration).run() }
            if configuration.instanceName.isEmpty { configuration.instanceName = Self.hostName }
            try await Self.serve(configuration)
        } catch {
            FileHandle.standardError.write(Data("server: \(Self.explain(error))\n".utf8))
            throw ExitCode.failure
        }
    }

    private static func serve(_ configuration: ChatConfiguration) async throws {
        let logger = try makeLogger(configuration)
        FileDescriptorLimit.raise()
        let application = try await ChatApplication.build(configuration, logger: logger) { port in
            logger.notice(
                "serving",
                metadata: [
                    "port": "\(port)", "version": "\(Version.current)",
                    "mode": configuration.isEmbedded ? "embedded" : "cluster",
                ])
        }
        let group = ServiceGroup(configuration: .init(services: application.services, logger: logger))
        // Before anybody can see that it serves, and stop it.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { await watch(signals, group, logger) }
            try await tasks.next()
            tasks.cancelAll()
        }
        logger.notice("stopped")
    }

    /// The first signal asks everyone to finish; the second does not wait for them.
    private static func watch(_ signals: UnixSignalsSequence, _ group: ServiceGroup, _ logger: Logger) async {
        var isStopping = false
        for await signal in signals {
            if isStopping {
                logger.warning("stopping at once", metadata: ["signal": "\(signal)"])
                Foundation.exit(1)
            }
            isStopping = true
            logger.notice("stopping", metadata: ["signal": "\(signal)"])
            await group.triggerGracefulShutdown()
        }
    }

    private static func makeLogger(_ configuration: ChatConfiguration) throws -> Logger {
        let sink = try LogSink(path: configuration.logFile)
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let format = configuration.logFormat
        var logger = Logger(label: "chat") { ChatLogHandler(label: $0, level: level, format: format, sink: sink) }
        logger[metadataKey: "instance"] = "\(configuration.instanceName)"
        return logger
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "server" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func explain(_ error: any Error) -> String {
        guard let error = error as? ConfigurationError, let place = error.place else { return "\(error)" }
        return "\(place): \(error)"
    }
}
