import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A real nats-server or redis-server: its port and store stay the same over restarts.
class BackingServer: @unchecked Sendable {  // no state of its own but `let`s and the mutex; subclasses add `let`s only
    let name: String
    let port: Int
    let directory: URL
    private let process = Mutex<ChildProcess?>(nil)

    fileprivate init(_ name: String) throws {
        self.name = name
        port = try FreePort.pick()
        directory = try ScratchDirectory.make(name)
    }

    fileprivate var command: (executable: String, arguments: [String]) { (name, []) }
    fileprivate func isReady() async -> Bool { true }
    fileprivate func signal(_ number: Int32) { process.withLock { $0 }?.signal(number) }

    /// Starts it, the first time or again, and waits until it answers.
    func start() async throws {
        try launch()
        try await awaitReadiness()
    }

    /// Starts it without waiting for it.
    func launch() throws {
        let (executable, arguments) = command
        let path = ChildProcess.environment["PATH"] ?? "/usr/bin:/bin"
        // Debian installs nats-server in /usr/sbin, which is not on everyone's path.
        let child = try ChildProcess(
            name, executable, arguments, environment: ["PATH": "\(path):/usr/sbin:/usr/local/sbin:/usr/local/bin"],
            directory: directory, log: directory.appendingPathComponent("log.txt"))
        process.withLock { $0 = child }
    }

    func awaitReadiness() async throws {
        guard let child = process.withLock({ $0 }) else { throw SpawnFailed(description: "\(name) was never started") }
        try await eventually("\(name) to be ready", within: .seconds(30), seen: { child.logTail() }) {
            guard child.isRunning else { throw SpawnFailed(description: child.logTail()) }
            return await isReady()
        }
    }

    func kill9() async { await process.withLock { $0 }?.destroy() }

    /// The orderly end, as an operator's restart does it.
    func stop() async throws {
        guard let child = process.withLock({ $0 }) else { return }
        child.signal(SIGTERM)
        _ = try await child.exit()
    }

    /// Stands still: connections stay open and nothing is answered.
    func freeze() { process.withLock { $0 }?.freeze() }
    func thaw() { signal(SIGCONT) }

    var logTail: String { process.withLock { $0 }?.logTail(lines: 8) ?? "--- \(name) was never started" }
}

final class NATSServer: BackingServer, @unchecked Sendable {
    /// Its place in a cluster of NATS servers.
    struct Membership {
        let name: String
        let routePort: Int
        let routes: [Int]
    }

    let monitorPort: Int
    private let hasJetStream: Bool
    private let membership: Membership?

    /// - Parameter configuration: what a configuration file of its own says besides; see ``reload(_:)``.
    init(jetStream: Bool = true, configuration: String = "", membership: Membership? = nil) throws {
        monitorPort = try FreePort.pick()
        hasJetStream = jetStream
        self.membership = membership
        try super.init(membership?.name ?? "nats-server")
        try write(configuration)
    }

    private var file: URL { directory.appendingPathComponent("nats.conf") }

    private func write(_ configuration: String) throws {
        // Not by the flag: a reload would switch it off.
        let jetStream = hasJetStream ? "jetstream { store_dir: \"\(store.path)\" }\n" : ""
        try Data((jetStream + configuration + "\n# not empty\n").utf8).write(to: file)
    }

    /// Makes it read another configuration while it runs.
    func reload(_ configuration: String) throws {
        try write(configuration)
        signal(SIGHUP)
    }

    /// Three servers that make one JetStream, not started yet.
    static func three() throws -> [NATSServer] {
        let routes = try (0..<3).map { _ in try FreePort.pick() }
        return try routes.enumerated().map { number, port in
            try NATSServer(membership: Membership(name: "nats-\(number)", routePort: port, routes: routes))
        }
    }

    /// `CHAT_NATS_SERVER` names another binary than the one on the path.
    private static let executable = ProcessInfo.processInfo.environment["CHAT_NATS_SERVER"] ?? "nats-server"

    var url: String { "nats://127.0.0.1:\(port)" }

    private var store: URL { directory.appendingPathComponent("store") }

    /// Takes its disk away; to be called while it is not running.
    func eraseStore() throws { try FileManager.default.removeItem(at: store) }

    fileprivate override var command: (executable: String, arguments: [String]) {
        var arguments = ["-c", file.path, "-a", "127.0.0.1", "-p", "\(port)", "-m", "\(monitorPort)"]
        if let membership {
            arguments += [
                "--name", membership.name, "--cluster_name", "chat",
                "--cluster", "nats://127.0.0.1:\(membership.routePort)",
                "--routes", membership.routes.map { "nats://127.0.0.1:\($0)" }.joined(separator: ","),
            ]
        }
        return (Self.executable, arguments)
    }

    fileprivate override func isReady() async -> Bool {
        guard let health = try? await HTTPProbe.get(port: monitorPort, "/healthz") else { return false }
        return health.status == 200
    }

    /// How many subscriptions on exactly `subject` each client connection has; connections without one are left out.
    func subscriptions(on subject: String) async throws -> [Int] {
        struct Connections: Decodable {
            struct Connection: Decodable {
                // swift-format-ignore: AlwaysUseLowerCamelCase
                var subscriptions_list: [String]?
            }
            var connections: [Connection]
        }
        let answer = try await HTTPProbe.get(port: monitorPort, "/connz?subs=1&limit=1000")
        let decoded = try JSONDecoder().decode(Connections.self, from: Data(answer.body.utf8))
        return decoded.connections.map { ($0.subscriptions_list ?? []).filter { $0 == subject }.count }
            .filter { $0 > 0 }
    }
}

final class RedisServer: BackingServer, @unchecked Sendable {
    init() throws { try super.init("redis-server") }

    var url: String { "redis://127.0.0.1:\(port)" }

    fileprivate override var command: (executable: String, arguments: [String]) {
        (
            "redis-server",
            ["--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--dir", directory.path]
        )
    }

    fileprivate override func isReady() async -> Bool {
        guard let peer = try? await RedisPeer.connect(port: port) else { return false }
        let reply = try? await peer.command("PING")
        await peer.close()
        return reply == .text("PONG")
    }
}
