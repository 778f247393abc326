import Testing

/// Gives a suite one cluster that all its tests share, as ``Cluster/current``.
struct ClusterTrait: SuiteTrait, TestTrait, TestScoping {
    let instances: Int?
    let settings: Settings

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster =
            if let instances { try await Cluster.start(instances: instances, settings) } else {
                try await Cluster.startEmbedded(settings)
            }
        do {
            try await Cluster.$shared.withValue(cluster, operation: function)
        } catch {
            let failure = ClusterFailure(cause: error, logs: cluster.logTails)
            await cluster.stop()
            throw failure
        }
        await cluster.stop()
    }
}

extension Trait where Self == ClusterTrait {
    /// Real NATS and Redis, and that many instances.
    static func cluster(instances: Int, _ settings: Settings = [:]) -> Self {
        ClusterTrait(instances: instances, settings: settings)
    }

    /// One instance on the embedded adapters.
    static var embedded: Self { ClusterTrait(instances: nil, settings: [:]) }
    static func embedded(_ settings: Settings) -> Self { ClusterTrait(instances: nil, settings: settings) }
}

extension Cluster {
    @TaskLocal fileprivate static var shared: Cluster?

    /// The cluster of the suite that the running test belongs to.
    static var current: Cluster {
        get throws {
            guard let shared else { throw SpawnFailed(description: "the suite has no .cluster or .embedded trait") }
            return shared
        }
    }
}
