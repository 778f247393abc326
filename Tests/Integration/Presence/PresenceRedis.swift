import Foundation
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import InfrastructureRedis

/// A real redis-server of a test's own, and a client to look into it.
final class PresenceRedis {
    let port: Int
    private let password: String?
    private let directory: URL
    private let client: RedisClient
    private var process: Process?

    /// Runs `body` with a fresh, empty server, and ends the server afterwards.
    static func with(
        password: String? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (PresenceRedis) async throws -> Void
    ) async throws {
        let redis = try PresenceRedis(password: password)
        try redis.start()
        let client = redis.client
        let running = Task { await client.run {} }
        let result: Result<Void, any Error>
        do {
            try await redis.waitUntilUp()
            try await body(redis)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        running.cancel()
        await running.value
        redis.stop()
        try? FileManager.default.removeItem(at: redis.directory)
        try result.get()
    }

    private init(password: String?) throws {
        self.password = password
        port = try freeLoopbackPort()
        directory = FileManager.default.temporaryDirectory.appending(path: "presence-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let url = try RedisURL("redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)")
        client = RedisClient(url: url, scripts: [], eventLoop: presenceLoops.next(), logger: .silent)
    }

    var url: String { "redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)" }

    func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", directory.path()]
            + (password.map { ["--requirepass", $0] } ?? [])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    /// As a crash would: nothing is saved.
    func stop() {
        guard let process else { return }
        kill(process.processIdentifier, SIGCONT)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    func freeze() { if let process { kill(process.processIdentifier, SIGSTOP) } }

    func thaw() { if let process { kill(process.processIdentifier, SIGCONT) } }

    func waitUntilUp() async throws {
        try await eventuallyPresent("redis is up") { self.client.isConnected }
    }

    @discardableResult
    func command(_ arguments: String...) async throws -> RedisReply { try await client.send(arguments) }

    /// The members of a set, sorted.
    func members(_ key: String) async throws -> [String] { try await client.send(["SMEMBERS", key]).texts().sorted() }

    /// The keys that a test expects to be all there are.
    func keys() async throws -> [String] { try await client.send(["KEYS", "*"]).texts().sorted() }
}

let presenceLoops = MultiThreadedEventLoopGroup.singleton

extension Logger {
    /// Logs nothing.
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// Waits for a condition, without any order in time but “before the deadline”.
func eventuallyPresent(
    _ what: String, within limit: Duration = .seconds(10), isolation: isolated (any Actor)? = #isolation,
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now > deadline {
            Issue.record("not in time: \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// A port below the ephemeral range that nobody listens on right now.
func freeLoopbackPort() throws -> Int {
    for _ in 0..<100 {
        let port = Int.random(in: 20_000..<32_000)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if bound == 0 { return port }
    }
    throw POSIXError(.EADDRINUSE)
}
