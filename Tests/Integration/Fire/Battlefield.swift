import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Two instances or more, each with a link of its own to NATS, a Redis, and one or three NATS servers; all of which can be hurt.
final class Battlefield: Sendable {
    let nats: [NATSServer]
    let redis: RedisServer
    /// The links between instances and the first NATS server; with three servers the instances know them all, and go there
    /// directly.
    let cables: [Cable]
    let instances: [ChatInstance]

    /// - Parameter tokenSecret: with which the clients' tokens are signed; nil: authentication is off.
    init(natsServers: Int = 1, instances count: Int = 2, tokenSecret: String? = nil) throws {
        nats = natsServers == 1 ? [try NATSServer()] : try NATSServer.three()
        redis = try RedisServer()
        let first = nats[0].port
        let redisURL = redis.url
        let cables = natsServers == 1 ? try (0..<count).map { _ in try Cable(to: first) } : []
        let direct = nats.map(\.url).joined(separator: ",")
        instances = try (0..<count).map { number in
            let url = cables.isEmpty ? direct : "nats://127.0.0.1:\(cables[number].port)"
            var settings: Settings = [
                "nats_url": .text(url), "redis_url": .text(redisURL), "lease_seconds": 8, "drain_seconds": 2,
                "stream_replicas": .number(natsServers),
            ]
            if let tokenSecret { settings = settings.with(["jwt_secret": .text(tokenSecret)]) }
            return try ChatInstance("server-\(number)", settings)
        }
        self.cables = cables
    }

    func start() async throws {
        for server in nats { try server.launch() }
        for server in nats { try await server.awaitReadiness() }
        try await redis.start()
        for cable in cables { try await cable.mend() }
        for instance in instances { try await instance.start() }
    }

    func stop() async {
        for instance in instances { await instance.kill9() }
        for cable in cables { await cable.cut() }
        for server in nats { await server.kill9() }
        await redis.kill9()
    }

    var addresses: String { instances.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") }

    var logTails: String {
        (instances.map(\.logTail) + nats.map(\.logTail) + [redis.logTail]).joined(separator: "\n")
    }
}

/// What happens to a ``Battlefield`` while its clients talk.
enum Fault: String, CaseIterable, CustomTestStringConvertible {
    case instanceKilled = "an instance is killed and started again"
    case natsKilled = "NATS is killed and started again"
    case natsFrozen = "NATS is frozen for five seconds"
    case instanceFrozen = "an instance is frozen for longer than its lease"
    case linkCut = "an instance's link to NATS is cut"
    case linkStalled = "an instance's link to NATS swallows everything, then breaks"
    case redisRestarted = "Redis is restarted, and has forgotten everything"
    case clientsFrozen = "all clients are frozen for two seconds"
    case instanceDrained = "an instance is drained and started again"

    var testDescription: String { rawValue }

    /// Does it to one of two instances, and undoes it.
    func strike(_ field: Battlefield, at victim: Int, clients: ChildProcess) async throws {
        let instance = field.instances[victim % field.instances.count]
        switch self {
        case .instanceKilled:
            await instance.kill9()
            try await pause(.seconds(1))
            try await instance.start()
        case .natsKilled:
            await field.nats[0].kill9()
            try await pause(.milliseconds(500))
            try await field.nats[0].start()
        case .natsFrozen:
            field.nats[0].freeze()
            try await pause(.seconds(5))
            field.nats[0].thaw()
        case .instanceFrozen:
            instance.freeze()
            try await pause(.seconds(10))
            instance.thaw()
        case .linkCut:
            let cable = field.cables[victim % field.cables.count]
            await cable.cut()
            try await pause(.seconds(1))
            try await cable.mend()
        case .linkStalled:
            let cable = field.cables[victim % field.cables.count]
            await cable.stall()
            try await pause(.seconds(3))
            await cable.cut()
            try await cable.mend()
        case .redisRestarted:
            await field.redis.kill9()
            try await pause(.milliseconds(500))
            try await field.redis.start()
        case .clientsFrozen:
            clients.signal(SIGSTOP)
            try await pause(.seconds(2))
            clients.signal(SIGCONT)
        case .instanceDrained:
            instance.signal(SIGTERM)
            _ = try await instance.exit(within: .seconds(20))
            try await instance.start()
        }
    }
}

/// A time that a fault lasts, or that lies between two.
func pause(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

/// One run of `chat-bench verify` against a ``Battlefield``, in a process of its own.
struct VerifyRun {
    let process: ChildProcess

    init(_ field: Battlefield, clients: Int = 60, seconds: Int, _ more: [String] = []) throws {
        let directory = try ScratchDirectory.make("verify")
        process = try ChildProcess(
            "chat-bench", Product.bench(),
            [
                "verify", "--addr", field.addresses, "--clients", "\(clients)", "--classic", "4",
                "--seconds", "\(seconds)", "--rate", "80", "--settle", "60", "--list-bound", "30",
                "--history", directory.appendingPathComponent("history.ndjson").path,
            ] + more,
            directory: directory, log: directory.appendingPathComponent("verdict.txt"))
    }

    /// Waits for the verdict, which must be that nothing was wrong.
    func expectSound(_ field: Battlefield, within limit: Duration, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let status = try await process.exit(within: limit)
        var views: [String] = []
        if status != .exited(0) {
            for instance in field.instances where instance.isRunning { views.append(try await instance.view) }
        }
        #expect(
            status == .exited(0),
            "\(process.output)\n\(views.joined(separator: "\n"))\n\(field.logTails)", sourceLocation: sourceLocation)
    }
}

/// Runs `body` on a battlefield of its own, which is gone afterwards whatever happens.
func withBattlefield(
    natsServers: Int = 1, instances: Int = 2, tokenSecret: String? = nil, _ body: (Battlefield) async throws -> Void
) async throws {
    let field = try Battlefield(natsServers: natsServers, instances: instances, tokenSecret: tokenSecret)
    do {
        try await field.start()
        try await body(field)
    } catch {
        let failure = ClusterFailure(cause: error, logs: field.logTails)
        await field.stop()
        throw failure
    }
    await field.stop()
}

extension ChatInstance {
    /// What the instance makes of the rooms, and what it has counted.
    fileprivate var view: String {
        get async throws {
            let metrics = try await get("/metrics").body.split(separator: "\n").filter {
                $0.hasPrefix("chat_") && !$0.hasSuffix(" 0")
            }
            return "--- \(name)\n\(try await get("/api/rooms").body)\n\(metrics.joined(separator: "\n"))"
        }
    }
}
