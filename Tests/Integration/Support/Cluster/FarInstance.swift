import Testing

/// Runs `body` on a cluster of its own and one more instance, whose links to NATS and Redis can be cut; all is gone
/// afterwards, whatever happens.
func withFarInstance(
    near instances: Int = 1, _ settings: Settings = [:],
    _ body: (Cluster, _ far: ChatInstance, _ nats: Cable, _ redis: Cable) async throws -> Void
) async throws {
    try await withCluster(instances: instances, settings) { cluster in
        let backing = try #require(cluster.backing)
        let nats = try Cable(to: backing.nats.port)
        let redis = try Cable(to: backing.redis.port)
        try await nats.mend()
        try await redis.mend()
        let far = try ChatInstance(
            "server-far",
            settings.with([
                "nats_url": .text("nats://127.0.0.1:\(nats.port)"),
                "redis_url": .text("redis://127.0.0.1:\(redis.port)"),
            ]))
        var failure: ClusterFailure?
        do {
            try await far.start()
            try await body(cluster, far, nats, redis)
        } catch {
            failure = ClusterFailure(cause: error, logs: far.logTail)
        }
        await far.kill9()
        for cable in [nats, redis] { await cable.cut() }
        if let failure { throw failure }
    }
}
