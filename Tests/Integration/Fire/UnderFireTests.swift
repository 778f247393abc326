import Foundation
import Testing

extension Integration {
    /// `chat-bench verify` watches while everything that can fail does.
    ///
    /// Each scenario is short here. `CHAT_FIRE_SECONDS=600 scripts/test UnderFire` makes the mixed ones as long as that, and
    /// `CHAT_NATS_SERVER` names another nats-server than the system's.
    @Suite("Under fire", .serialized, .timeLimit(.minutes(60)))
    struct UnderFireTests {
        private let seconds = ProcessInfo.processInfo.environment["CHAT_FIRE_SECONDS"].flatMap { Int($0) } ?? 0

        /// What may happen together. Not an instance's death and Redis's loss of memory: the names that only the two of them knew
        /// are free then, and with a name its inbox begins anew (docs/operations.md).
        private static let pairs: [[Fault]] = [
            [.instanceKilled, .natsKilled], [.instanceKilled, .linkCut], [.instanceDrained, .natsFrozen],
            [.instanceDrained, .linkCut], [.natsKilled, .redisRestarted], [.linkStalled, .redisRestarted],
            [.natsFrozen, .redisRestarted], [.clientsFrozen, .instanceKilled],
        ]

        @Test func `nothing is lost, repeated or out of order while each thing fails in turn`() async throws {
            try await withBattlefield { field in
                let faults = Fault.allCases.filter { $0 != .instanceFrozen }
                let verification = try VerifyRun(field, seconds: max(seconds, 45))
                let end = ContinuousClock.now + .seconds(max(seconds, 45))
                var round = 0
                try await pause(.seconds(3))
                repeat {
                    for fault in faults where ContinuousClock.now < end {
                        try await fault.strike(field, at: round, clients: verification.process)
                        try await pause(.seconds(1))
                        round += 1
                    }
                } while ContinuousClock.now < end
                try await verification.expectSound(field, within: .seconds(180))
            }
        }

        @Test func `nor of users with three sessions each, and rooms hear of users`() async throws {
            let secret = "the secret with which the bench signs"
            try await withBattlefield(instances: 3, tokenSecret: secret) { field in
                let verification = try VerifyRun(
                    field, clients: 20, seconds: max(seconds, 50), ["--sessions", "3", "--token-secret", secret])
                let end = ContinuousClock.now + .seconds(max(seconds, 50))
                var round = 0
                try await pause(.seconds(3))
                repeat {
                    for fault in [Fault.instanceKilled, .linkCut, .redisRestarted, .instanceFrozen]
                    where ContinuousClock.now < end {
                        try await fault.strike(field, at: round, clients: verification.process)
                        try await pause(.seconds(2))
                        round += 1
                    }
                } while ContinuousClock.now < end
                try await verification.expectSound(field, within: .seconds(180))
            }
        }

        @Test func `nor while several things fail at once`() async throws {
            try await withBattlefield { field in
                let verification = try VerifyRun(field, seconds: max(seconds, 25))
                let end = ContinuousClock.now + .seconds(max(seconds, 25))
                var generator = SystemRandomNumberGenerator()
                try await pause(.seconds(3))
                repeat {
                    let chosen = Self.pairs.randomElement(using: &generator) ?? []
                    try await withThrowingTaskGroup { group in
                        for (number, fault) in chosen.enumerated() {
                            group.addTask {
                                try await fault.strike(field, at: number, clients: verification.process)
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await pause(.seconds(2))
                } while ContinuousClock.now < end
                try await verification.expectSound(field, within: .seconds(180))
            }
        }

        @Test func `nor while the leader of three NATS servers is killed`() async throws {
            try await withBattlefield(natsServers: 3) { field in
                let verification = try VerifyRun(field, seconds: max(seconds, 25))
                let end = ContinuousClock.now + .seconds(max(seconds, 25))
                try await pause(.seconds(4))
                repeat {
                    let leader = try await field.leader(of: "CHAT")
                    await leader.kill9()
                    try await pause(.seconds(2))
                    try await leader.start()
                    try await pause(.seconds(5))
                } while ContinuousClock.now < end
                try await verification.expectSound(field, within: .seconds(180))
            }
        }

        @Test func `clients are told when the stream is deleted and made anew, and nobody hangs`() async throws {
            try await withBattlefield { field in
                let verification = try VerifyRun(field, seconds: 20)
                try await pause(.seconds(6))
                let peer = try await NATSPeer.connect(port: field.nats[0].port)
                let answer = try await peer.request("$JS.API.STREAM.DELETE.CHAT")
                #expect(answer.contains("\"success\":true"))
                await peer.close()
                try await verification.expectSound(field, within: .seconds(120))
                #expect(verification.process.output.contains("epoch changes"))
            }
        }
    }
}

extension Battlefield {
    /// The server that leads a stream just now.
    fileprivate func leader(of stream: String) async throws -> NATSServer {
        struct Answer: Decodable {
            struct Cluster: Decodable {
                var leader: String?
            }
            var cluster: Cluster?
        }
        var found: NATSServer?
        try await eventually("a leader of \(stream)", within: .seconds(20)) {
            for server in nats {
                guard let peer = try? await NATSPeer.connect(port: server.port) else { continue }
                let answer = try? await peer.request("$JS.API.STREAM.INFO.\(stream)")
                await peer.close()
                let name = try? JSONDecoder().decode(Answer.self, from: Data((answer ?? "").utf8)).cluster?.leader
                found = nats.first { $0.name == name }
                if found != nil { return true }
            }
            return false
        }
        return try #require(found)
    }
}
