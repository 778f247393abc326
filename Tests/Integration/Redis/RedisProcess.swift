import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A redis-server with settings of a test's own, or a sentinel. Its plain port stays the same over restarts.
final class RedisProcess: Sendable {
    let port: Int
    private let directory: URL
    private let arguments: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// - Parameter settings: lines of the configuration file, beside those for port and directory.
    init(sentinel isSentinel: Bool = false, port: Int, _ settings: [String]) throws {
        self.port = port
        directory = try ScratchDirectory.make(isSentinel ? "sentinel" : "redis")
        let file = directory.appendingPathComponent("redis.conf")
        let common = ["port \(port)", "bind 127.0.0.1", "dir \(directory.path)", #"save """#]
        let lines = (isSentinel ? common.dropLast() : common[...]) + settings
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file)
        arguments = [file.path] + (isSentinel ? ["--sentinel"] : [])
    }

    /// Starts one, and ends it after `body`.
    static func with(_ settings: [String] = [], _ body: (RedisProcess) async throws -> Void) async throws {
        try await with([try RedisProcess(port: try FreePort.pick(), settings)]) { try await body($0[0]) }
    }

    /// Starts all in their order, and ends them after `body`.
    static func with(_ servers: [RedisProcess], _ body: ([RedisProcess]) async throws -> Void) async throws {
        do {
            for server in servers { try await server.start() }
            try await body(servers)
        } catch {
            for server in servers { await server.kill9() }
            throw error
        }
        for server in servers { await server.kill9() }
    }

    func start() async throws {
        let child = try ChildProcess(
            "redis-server", "redis-server", arguments, directory: directory,
            log: directory.appendingPathComponent("log.txt"))
        process.withLock { $0 = child }
        try await eventually("redis to answer", seen: { child.logTail() }) {
            guard child.isRunning else { throw SpawnFailed(description: child.logTail()) }
            return (try? await command("PING")) != nil
        }
    }

    func kill9() async { await process.withLock { $0 }?.destroy() }
    func freeze() { process.withLock { $0 }?.signal(SIGSTOP) }
    func thaw() { process.withLock { $0 }?.signal(SIGCONT) }

    @discardableResult
    func command(_ words: String...) async throws -> RedisPeer.Reply { try await command(words) }

    @discardableResult
    func command(_ words: [String]) async throws -> RedisPeer.Reply {
        let peer = try await RedisPeer.connect(port: port)
        do {
            let reply = try await peer.command(words)
            await peer.close()
            return reply
        } catch {
            await peer.close()
            throw error
        }
    }

    /// What stands after `name:` in `INFO`.
    func info(_ name: String) async throws -> String? {
        guard case .text(let text) = try await command("INFO") else { return nil }
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix("\(name):") }.map { String($0.dropFirst(name.count + 1)) }
    }

    func removeDirectory() throws { try FileManager.default.removeItem(at: directory) }
}
