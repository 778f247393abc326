import Domain
import Service
import Testing

@testable import SteppedService

extension Integration {
    /// On three instances, with real NATS and Redis.
    @Suite("Revocations", .serialized)
    struct Revocations {
        /// How soon every instance has to know of a revocation.
        private static let limit = Duration.seconds(1)

        private func withServers(_ body: (NATSServer, RedisServer) async throws -> Void) async throws {
            let nats = try NATSServer()
            let redis = try RedisServer()
            let result: Result<Void, any Error>
            do {
                try await nats.start()
                try await redis.start()
                try await body(nats, redis)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await nats.kill9()
            await redis.kill9()
            try result.get()
        }

        /// - Returns: how long it took from now until it was so.
        private func measured(_ what: String, _ condition: () -> Bool) async throws -> Duration {
            let start = ContinuousClock.now
            while !condition() {
                try #require(ContinuousClock.now - start < .seconds(20), "\(what)")
                try await Task.sleep(for: .milliseconds(1))
            }
            return ContinuousClock.now - start
        }

        @Test("A token that is taken back on one instance ends its sessions on all within a second")
        func everywhere() async throws {
            try await withServers { nats, redis in
                try await TokenInstance.with(Array(repeating: (nats.port, redis.port), count: 3)) { instances in
                    var connections: [TokenInstance.Connection] = []
                    for (number, instance) in instances.enumerated() {
                        connections.append(try await instance.connect("user-\(number)", token: "shared").1)
                    }
                    let (_, bystander) = try await instances[1].connect("bystander", token: "other")
                    try await instances[0].revoke("shared")
                    let time = try await measured("all to end") {
                        connections.allSatisfy { $0.ending == .tokenRevoked }
                    }
                    #expect(time < Self.limit)
                    #expect(bystander.ending == nil)
                    print("revocation: all sessions on three instances ended after \(time)")
                }
            }
        }

        @Test("Of a user everything ends that was issued before, and what is issued in that second does not")
        func ofUser() async throws {
            try await withServers { nats, redis in
                try await TokenInstance.with(Array(repeating: (nats.port, redis.port), count: 2)) { instances in
                    let (session, old) = try await instances[1].connect("alice", token: "t1", issuedAt: 99)
                    _ = try await instances[0].service.revoke(
                        .tokens(of: try Username("alice"), issuedBefore: 100), expiry: nil)
                    #expect(try await measured("the old one to end") { old.ending == .tokenRevoked } < Self.limit)
                    await instances[1].service.close(session, isGoodbye: false)
                    try await eventually("the name to be free") {
                        (try? await instances[1].connect("alice", token: "t2", issuedAt: 100)) != nil
                    }
                    #expect(instances[1].service.sessionCount >= 1)
                }
            }
        }

        @Test("A push that is lost costs no more than a second: the store is looked at")
        func lostPush() async throws {
            try await withServers { nats, redis in
                let cable = try Cable(to: nats.port)
                try await cable.mend()
                try await TokenInstance.with([(nats.port, redis.port), (cable.port, redis.port)]) { instances in
                    let (_, connection) = try await instances[1].connect("alice", token: "t1")
                    await cable.stall()
                    try await instances[0].revoke("t1")
                    let time = try await measured("the session to end") { connection.ending == .tokenRevoked }
                    #expect(time < Self.limit)
                    print("revocation: found in the store after \(time)")
                    await cable.cut()
                }
            }
        }

        @Test("An instance that was cut off from everything looks before it handles a frame")
        func cutOff() async throws {
            try await withServers { nats, redis in
                let cables = [try Cable(to: nats.port), try Cable(to: redis.port)]
                for cable in cables { try await cable.mend() }
                try await TokenInstance.with([(nats.port, redis.port), (cables[0].port, cables[1].port)]) { instances in
                    let (_, connection) = try await instances[1].connect("alice", token: "t1")
                    for cable in cables { await cable.cut() }
                    try await instances[0].revoke("t1")
                    #expect(connection.ending == nil)
                    for cable in cables { try await cable.mend() }
                    let time = try await measured("the session to end") { connection.ending != nil }
                    print("revocation: after the links were back the session ended after \(time)")
                    #expect(instances[1].isRevoked("t1"))
                }
            }
        }

        @Test("A revocation outlives a restart of everything")
        func restart() async throws {
            try await withServers { nats, redis in
                let ports = Array(repeating: (nats: nats.port, redis: redis.port), count: 2)
                try await TokenInstance.with(ports) { try await $0[0].revoke("t1") }
                let peer = try await RedisPeer.connect(port: redis.port)
                #expect(try await peer.command("SAVE") == .text("OK"))
                await peer.close()
                await redis.kill9()
                await nats.kill9()
                try await nats.start()
                try await redis.start()
                try await TokenInstance.with(ports) { instances in
                    #expect(instances.allSatisfy { $0.isRevoked("t1") })
                    #expect(instances.allSatisfy { !$0.isRevoked("t2") })
                }
            }
        }

        @Test("What Redis has lost is written again by whoever knows it")
        func flushed() async throws {
            try await withServers { nats, redis in
                try await TokenInstance.with([(nats.port, redis.port)]) { instances in
                    try await instances[0].revoke("t1")
                    let peer = try await RedisPeer.connect(port: redis.port)
                    #expect(try await peer.command("FLUSHALL") == .text("OK"))
                    try await eventually("the revocation to be there again", equals: .integer(1)) {
                        try await peer.command("ZCARD", "revocations")
                    }
                    await peer.close()
                }
            }
        }

        @Test("A session that is opened while its token is taken back ends at once")
        func opening() async throws {
            try await withServers { nats, redis in
                try await TokenInstance.with([(nats.port, redis.port)]) { instances in
                    try await instances[0].revoke("t1")
                    #expect(try await instances[0].connect("alice", token: "t1").1.ending == .tokenRevoked)
                }
            }
        }
    }
}
