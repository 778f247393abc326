import Foundation
import Synchronization
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One `server` process, started from a configuration file in a directory of its own.
final class ChatInstance: Sendable {
    let name: String
    let port: Int
    let directory: URL
    let settings: Settings
    private let process = Mutex<ChildProcess?>(nil)
    /// Those a test connected and, where it failed, left behind.
    private let clients = Mutex<[WebSocketClient]>([])

    init(_ name: String, _ settings: Settings = [:]) throws {
        self.name = name
        let port = try FreePort.pick()
        self.port = port
        directory = try ScratchDirectory.make(name)
        self.settings = Settings.forTests.with(["port": .number(port), "instance_name": .text(name)]).with(settings)
    }

    /// Starts the process without waiting for it.
    ///
    /// - Parameters:
    ///   - ulimit: the limits it gets, as the shell's `ulimit` takes them.
    ///   - errors: for its standard output and error, which else go to a file.
    ///   - redirections: of its standard streams, as the shell takes them.
    @discardableResult
    func launch(
        environment: [String: String] = [:], ulimit: String? = nil, errors: Int32? = nil,
        redirections: String? = nil
    ) throws -> ChildProcess {
        let file = try settings.write(to: directory)
        if ulimit != nil || errors != nil || redirections != nil {
            let log = directory.appendingPathComponent("log.txt")
            let output = errors ?? open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard output >= 0 else { throw SpawnFailed(description: "cannot write \(log.path)") }
            defer { if errors == nil { close(output) } }
            let command = (ulimit.map { "ulimit \($0) && " } ?? "") + #"exec "$0" "$@" "# + (redirections ?? "")
            let child = try ChildProcess(
                name, "/bin/sh", ["-c", command, Product.server(), "--config", file.path], environment: environment,
                directory: directory, log: log, input: nil, output: output, errors: output)
            process.withLock { $0 = child }
            return child
        }
        let child = try ChildProcess(
            name, Product.server(), ["--config", file.path], environment: environment, directory: directory,
            log: directory.appendingPathComponent("log.txt"))
        process.withLock { $0 = child }
        return child
    }

    /// Starts the process and waits until `/readyz` says yes.
    func start(ulimit: String? = nil, errors: Int32? = nil, redirections: String? = nil) async throws {
        let child = try launch(ulimit: ulimit, errors: errors, redirections: redirections)
        try await eventually("\(name) to be ready", within: .seconds(20), seen: { child.logTail() }) {
            guard child.isRunning else {
                throw SpawnFailed(
                    description: "\(name) ended with \(String(describing: child.exitStatus))\n\(child.logTail())")
            }
            return await isReady()
        }
    }

    func isReady() async -> Bool {
        (try? await HTTPProbe.get(port: port, "/readyz", within: .seconds(5)))?.status == 200
    }

    /// What `/readyz` answers just now.
    func readiness() async throws -> Int { try await get("/readyz").status }

    func get(_ path: String) async throws -> HTTPAnswer { try await HTTPProbe.get(port: port, path) }

    /// A client of this instance.
    func client(
        _ username: String, room: String? = nil, receiveBuffer: Int? = nil
    ) async throws -> WebSocketClient {
        let client = try await WebSocketClient.open(port: port, username, room: room, receiveBuffer: receiveBuffer)
        clients.withLock { $0.append(client) }
        return client
    }

    /// A client of this instance that asks for `path` with `headers`, whatever they say.
    func client(
        _ username: String, path: String, headers: [String], receiveBuffer: Int? = nil
    ) async throws -> WebSocketClient {
        let client = try await WebSocketClient.open(
            port: port, path: path, name: username, headers: headers, receiveBuffer: receiveBuffer)
        clients.withLock { $0.append(client) }
        return client
    }

    /// Drops all clients that ``client(_:room:receiveBuffer:)`` and its like have connected.
    ///
    /// Those of `chat.v2` say goodbye first: else the server would keep their sessions for a while.
    func dropClients() async {
        let dropped = clients.withLock { clients in
            defer { clients.removeAll() }
            return clients
        }
        for client in dropped where client.isConnected && client.handshake["sec-websocket-protocol"] != nil {
            try? await client.setReading(true)
            client.send(.close(1000))
            _ = try? await client.closings.next("\(client.name) to be let go", within: .seconds(2))
        }
        for client in dropped { await client.drop() }
    }

    /// Connects and reads the one notice a client gets of its own coming.
    func enter(_ username: String, room: String? = nil) async throws -> WebSocketClient {
        let client = try await client(username, room: room)
        try await client.hears(notice: "\(username) joined the room \(room ?? "global")")
        return client
    }

    func signal(_ number: Int32) { process.withLock { $0 }?.signal(number) }
    func freeze() { process.withLock { $0 }?.freeze() }
    func thaw() { signal(SIGCONT) }
    func kill9() async { await process.withLock { $0 }?.destroy() }

    func exit(within limit: Duration = .seconds(15)) async throws -> ExitStatus {
        guard let child = process.withLock({ $0 }) else { throw SpawnFailed(description: "\(name) was never started") }
        return try await child.exit(within: limit)
    }

    var pid: pid_t? { process.withLock { $0 }?.pid }
    var isRunning: Bool { process.withLock { $0 }?.isRunning ?? false }
    var residentBytes: Int? { process.withLock { $0 }?.residentBytes }
    var processorSeconds: Double? { process.withLock { $0 }?.processorSeconds }
    var threadPolicies: [Int] { process.withLock { $0 }?.threadPolicies ?? [] }
    var logTail: String { process.withLock { $0 }?.logTail() ?? "--- \(name) was never started" }
    var output: String { process.withLock { $0 }?.output ?? "" }

    /// The value of one of its metrics that have no labels.
    func metric(_ name: String) async throws -> Double? {
        try await get("/metrics").body.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }
    }
}
