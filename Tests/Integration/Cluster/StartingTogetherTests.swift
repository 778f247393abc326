import Foundation
import Testing
import Wire

extension Integration {
    /// Instances that find nothing there, as after the first `docker compose up`.
    @Suite("Instances that start at once", .serialized)
    struct StartingTogether {
        @Test(arguments: 0..<4)
        func `make one stream, which all of them read`(_: Int) async throws {
            let (nats, redis) = (try NATSServer(), try RedisServer())
            let addresses: Settings = ["nats_url": .text(nats.url), "redis_url": .text(redis.url)]
            let instances = try (0..<3).map { try ChatInstance("server-\($0)", addresses) }
            do {
                try await nats.start()
                try await redis.start()
                try await withThrowingTaskGroup { group in
                    for instance in instances { group.addTask { try await instance.start() } }
                    try await group.waitForAll()
                }
                for (index, instance) in instances.enumerated() {
                    let speaker = try await instance.enterV2("speaker-\(index)", "dev")
                    for number in 0..<3 { try await speaker.say("\(index)-\(number)", in: "dev") }
                    try await speaker.close()
                }
                let said = (0..<3).flatMap { index in (0..<3).map { "\(index)-\($0)" } }
                for (index, instance) in instances.enumerated() {
                    let reader = try await instance.v2("reader-\(index)", room: "dev")
                    #expect(try await reader.join("dev").messages.map(\.content) == said)
                    try await reader.close()
                }
            } catch {
                let logs = instances.map(\.logTail).joined(separator: "\n")
                await stop(instances, nats, redis)
                throw ClusterFailure(cause: error, logs: logs)
            }
            await stop(instances, nats, redis)
        }

        private func stop(_ instances: [ChatInstance], _ nats: NATSServer, _ redis: RedisServer) async {
            for instance in instances { await instance.kill9() }
            await nats.kill9()
            await redis.kill9()
        }
    }
}
