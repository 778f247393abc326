import CoreMetrics
import Domain
import InfrastructureNATS
import InfrastructureRedis
import InfrastructureThreads
import Logging
import NIOPosix
import Service
import ServiceLifecycle
import Testing

@testable import SteppedService

/// One instance of a cluster in this process, whose clients have tokens: the service on NATS and Redis, without a port.
struct TokenInstance {
    /// Not the other one of that name, which the tests of the bench have.
    typealias Connection = SteppedService.FakeConnection

    let service: ChatService
    let edge = FakeEdge()
    private let running: [Task<Void, any Error>]

    /// Runs `body` with some instances on servers that run already.
    ///
    /// - Parameter ports: of NATS and Redis, for each instance.
    static func with(
        _ ports: [(nats: Int, redis: Int)], _ body: ([TokenInstance]) async throws -> Void
    ) async throws {
        var instances: [TokenInstance] = []
        let result: Result<Void, any Error>
        do {
            for (number, ports) in ports.enumerated() {
                instances.append(try await TokenInstance(number, nats: ports.nats, redis: ports.redis))
            }
            try await body(instances)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for instance in instances { await instance.kill() }
        try result.get()
    }

    private init(_ number: Int, nats: Int, redis: Int) async throws {
        let cluster = try await NATSCluster.connect(
            .init(
                servers: [try NATSServerURL("nats://127.0.0.1:\(nats)")], access: try NATSAccess(NATSFiles()),
                name: "instance-\(number)",
                messageBytes: 4096, messagesPerRoom: 100, maximumAge: .seconds(3600), replicas: 1,
                appendTimeout: .seconds(5)),
            deadline: .now + .seconds(10), time: .system, logger: .silent)
        let url = try RedisURL("redis://127.0.0.1:\(redis)")
        let presence = RedisPresenceStore(
            url: url, keyPrefix: "", eventLoopGroup: MultiThreadedEventLoopGroup.singleton, time: .system,
            metrics: NOOPMetricsHandler.instance, logger: .silent)
        let store = RedisRevocationStore(
            url: url, keyPrefix: "", eventLoopGroup: MultiThreadedEventLoopGroup.singleton, time: .system,
            logger: .silent)
        let service = ChatService(
            log: cluster.log, bus: cluster.bus, presence: presence, revocationStore: store, delivery: edge,
            threads: BlockingThreads(executor: BlockingExecutor(name: "test-topics", threads: 2)),
            limits: .init(messageBytes: 4096, rate: nil), instance: "instance-\(number)", time: .system,
            metrics: NOOPMetricsHandler.instance, logger: .silent)
        self.service = service
        service.start()
        running = [
            Task { try await cluster.run() }, Task { await presence.run() }, Task { await store.run() },
            Task { await service.run() },
        ]
        try await presence.waitUntilReady(within: .seconds(10))
        try await eventually("the revocations to be read") { (try? await service.revocations.load()) != nil }
    }

    private func kill() async {
        for task in running { task.cancel() }
        for task in running { _ = await task.result }
    }

    /// Somebody comes with a token.
    func connect(_ name: String, token id: String, issuedAt: Int64? = nil) async throws -> (Session, Connection) {
        let username = try Username(name)
        let principal = Principal(username: username, kind: .token, tokenID: id, issuedAt: issuedAt)
        let connection = edge.connection()
        let session = try await service.open(
            SessionRequest(username, principal: principal, entering: .global, resumption: .none),
            through: connection, goLive: connection.goLive)
        return (session, connection)
    }

    func revoke(_ id: String) async throws {
        _ = try await service.revoke(.token(id: ExactText(id)), expiry: nil)
    }

    func isRevoked(_ id: String) -> Bool {
        service.revocations.isRevoked(Principal(username: nil, kind: .token, tokenID: id))
    }
}
