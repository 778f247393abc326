import Foundation
import Testing

extension Measurements {
    /// What presence costs while nobody does anything: figures for people, in docs/performance.md.
    @Suite(.serialized)
    struct PresenceIdle {
        /// Longer than the server's time between two pings, so that those are in it.
        private static let span = Duration.seconds(40)

        private struct Reading {
            /// Those that scripts call count as well.
            var commands: Int
            var redis: Double
            var server: Double
        }

        private func read(_ cluster: Cluster) async throws -> Reading {
            let port = try #require(cluster.backing).redis.port
            let peer = try await RedisPeer.connect(port: port)
            let answer = try await peer.command("INFO", "everything")
            await peer.close()
            guard case .text(let text) = answer else { throw Unexpected("INFO was answered with \(answer)") }
            func value(_ name: String) -> Double {
                let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
                return line.flatMap { Double($0.dropFirst(name.count + 1)) } ?? .nan
            }
            return Reading(
                commands: Int(value("total_commands_processed")),
                redis: value("used_cpu_sys") + value("used_cpu_user"),
                server: try #require(cluster[0].processorSeconds))
        }

        @Test func `idle users, from none to ten thousand`() async throws {
            try await withCluster(instances: 1, ["lease_seconds": 6, "max_connections": 20_000]) { cluster in
                var clients: [WebSocketClient] = []
                for count in [0, 1000, 10_000] {
                    while clients.count < count {
                        clients += try await withThrowingTaskGroup(of: WebSocketClient.self) { group in
                            for number in clients.count..<min(count, clients.count + 100) {
                                group.addTask {
                                    try await cluster[0].v2Socket("user-\(number)", room: "room-\(number % 100)")
                                }
                            }
                            return try await group.reduce(into: []) { $0.append($1) }
                        }
                    }
                    let before = try await read(cluster)
                    try await Task.sleep(for: Self.span)
                    let after = try await read(cluster)
                    let seconds = Double(Self.span.components.seconds)
                    print(
                        "\(count) users: Redis \(Double(after.commands - before.commands) / seconds) commands/s and",
                        "\(1000 * (after.redis - before.redis) / seconds) ms of CPU a second, server",
                        "\(1000 * (after.server - before.server) / seconds) ms a second,",
                        "\((cluster[0].residentBytes ?? 0) / 1_000_000) MB")
                }
            }
        }
    }
}
