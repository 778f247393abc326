import ArgumentParser
import Foundation
import InfrastructureConfiguration
import InfrastructureIdentity
import InfrastructureObservability

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
        version: Version.current,
        subcommands: [TokenCommand.self])

    @Option(name: .customLong("config"), help: "The configuration file (JSON).")
    var path: String?

    @Flag(help: "Check the configuration and exit.")
    var checkConfig = false

    @Flag(help: "Ask the server of this configuration whether it is alive, and exit with 0 if so.")
    var health = false

    /// On the main thread, while there is no other.
    @MainActor
    static func main() async {
        StandardStreams.fill()
        ProcessSignals.hold()
        ThreadScheduling.withoutPreemption()
        await main(nil)
    }

    func run() async throws {
        if checkConfig || health { ProcessSignals.release() }
        do {
            var configuration = try ChatConfiguration.load(
                path: path, environment: ProcessInfo.processInfo.environment)
            if checkConfig {
                try Backend.check(configuration)
                try configuration.identity.checkFiles()
                _ = try CertificateFiles(configuration)?.read()
                _ = try Website(configuration)
                return print("the configuration is valid")
            }
            if health { return try await HealthCheck(configuration).run() }
            if configuration.instanceName.isEmpty {
                configuration.instanceName = InstanceName.standard(
                    host: InstanceName.host, address: configuration.host, port: configuration.port)
            }
            try await ServerProcess(configuration).run()
        } catch {
            // Whoever reads it may stand still.
            LogSink.sayOnConsole("server: \(Self.explain(error))")
            throw ExitCode.failure
        }
    }

    static func explain(_ error: any Error) -> String {
        guard let error = error as? ConfigurationError, let place = error.place else { return "\(error)" }
        return "\(place): \(error)"
    }
}
