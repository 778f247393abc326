import Foundation
import Testing
import Wire

/// Instances that make one chat: on a NATS and a Redis of their own, or one instance on the embedded adapters.
final class Cluster: Sendable {
    /// Nil where the instance is embedded.
    let backing: Backing?
    let instances: [ChatInstance]

    struct Backing: Sendable {
        let nats: NATSServer
        let redis: RedisServer
    }

    private init(backing: Backing?, instances: [ChatInstance]) {
        self.backing = backing
        self.instances = instances
    }

    /// - Parameter nats: not started yet; nil: one with nothing special about it.
    static func start(
        instances count: Int, _ settings: Settings = [:], nats: NATSServer? = nil
    ) async throws -> Cluster {
        let backing = Backing(nats: try nats ?? NATSServer(), redis: try RedisServer())
        let addresses: Settings = ["nats_url": .text(backing.nats.url), "redis_url": .text(backing.redis.url)]
        let cluster = Cluster(
            backing: backing,
            instances: try (0..<count).map { try ChatInstance("server-\($0)", addresses.with(settings)) })
        try await cluster.startAll()
        return cluster
    }

    static func startEmbedded(_ settings: Settings = [:]) async throws -> Cluster {
        let cluster = Cluster(backing: nil, instances: [try ChatInstance("server-embedded", settings)])
        try await cluster.startAll()
        return cluster
    }

    private func startAll() async throws {
        do {
            // NATS and Redis are asked without TLS, whatever the clients of the instances do.
            try await ClientTLS.$current.withValue(nil) {
                try await backing?.nats.start()
                try await backing?.redis.start()
            }
            // One after the other: the second finds the stream that the first has made.
            for instance in instances { try await instance.start() }
        } catch {
            await stop()
            throw error
        }
    }

    func stop() async {
        for instance in instances { await instance.kill9() }
        await backing?.nats.kill9()
        await backing?.redis.kill9()
    }

    /// The instance for the `index`th client, so that clients are spread over all.
    subscript(index: Int) -> ChatInstance { instances[index % instances.count] }

    /// A scenario begins with nobody there, even where the one before has failed halfway.
    func vacate() async throws {
        for instance in instances { await instance.dropClients() }
        try await isEmpty()
    }

    /// Waits until nobody is listed any more, and all names are free: that is a moment later.
    func isEmpty() async throws {
        try await listsNoRooms()
        guard backing == nil else { return try await hasNothing("nobody to have a name", "EXISTS", "lease:owners") }
        // There is no Redis to ask: somebody in a room of their own does.
        let name = "probe-\(UInt32.random(in: 0...UInt32.max))"
        let probe = try await self[0].v2(name, room: name)
        try await eventually("nobody else to have a name", equals: [name]) {
            let ref = probe.send(.listUsers(room: nil))
            let answer = try await probe.first("the users") { $0.ref == ref }
            guard case .userList(_, let users, _, _) = answer.event else { throw Unexpected("\(answer)") }
            return users
        }
        try await probe.close()
        try await listsNoRooms()
    }

    private func listsNoRooms() async throws {
        for instance in instances {
            try await eventually("\(instance.name) to list no rooms", equals: []) { try await instance.rooms() }
        }
    }

    /// Waits until a user's name is free: a moment after the rooms were told that the user has left.
    func isFree(_ name: String) async throws {
        try await hasNothing("nobody to have the name \(name)", "HEXISTS", "lease:owners", name)
    }

    private func hasNothing(_ what: String, _ question: String...) async throws {
        let peer = try await RedisPeer.connect(port: try #require(backing).redis.port)
        try await eventually(what, equals: .integer(0)) { try await peer.command(question) }
        await peer.close()
    }

    /// The last lines of everyone's log, for a failure's report.
    var logTails: String {
        (instances.map(\.logTail) + [backing?.nats.logTail, backing?.redis.logTail].compactMap { $0 })
            .joined(separator: "\n")
    }
}

/// A failure with what the servers said at that time.
struct ClusterFailure: Error, CustomStringConvertible {
    let cause: any Error
    let logs: String
    var description: String { "\(cause)\n\(logs)" }
}

/// Runs `body` on a cluster of its own, which is gone afterwards whatever happens.
func withCluster(
    instances: Int = 2, _ settings: Settings = [:], nats: NATSServer? = nil, _ body: (Cluster) async throws -> Void
) async throws {
    let cluster = try await Cluster.start(instances: instances, settings, nats: nats)
    do {
        try await body(cluster)
    } catch {
        let failure = ClusterFailure(cause: error, logs: cluster.logTails)
        await cluster.stop()
        throw failure
    }
    await cluster.stop()
}
