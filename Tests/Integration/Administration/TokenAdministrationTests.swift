import Foundation
import Testing

extension Integration {
    /// Administrators who come with a token, and tokens that are taken back, on real servers.
    @Suite("Administration with tokens", .serialized)
    struct TokenAdministration {
        private static let secret = "a secret that is long enough for HS256"
        private static let settings: Settings = ["jwt_secret": .text(secret)]

        /// - Returns: a token, as `server token` makes it.
        private func token(_ name: String, role: String) async throws -> String {
            let run = try await ServerRun.arguments(
                ["token", "--sub", name, "--role", role], environment: ["JWT_SECRET": Self.secret])
            return try #require(run.lines.last.map(String.init), "\(run)")
        }

        private func list(_ instance: ChatInstance, _ token: String?) async throws -> HTTPAnswer {
            try await HTTPProbe.get(
                port: instance.port, "/api/users", headers: token.map { ["Authorization: Bearer \($0)"] } ?? [])
        }

        private func revoke(_ body: String, on instance: ChatInstance, _ token: String) async throws -> HTTPAnswer {
            let request = [
                "POST /api/revocations HTTP/1.1", "Host: 127.0.0.1:\(instance.port)", "Connection: close",
                "Authorization: Bearer \(token)", "Content-Length: \(body.utf8.count)", "", body,
            ].joined(separator: "\r\n")
            return try #require(try await HTTPProbe.answers(port: instance.port, toRequest: request).first)
        }

        @Test("A token opens by its role, and this machine needs one, too")
        func roles() async throws {
            try await withCluster(instances: 1, Self.settings) { cluster in
                #expect(try await list(cluster[0], nil).status == 401)
                #expect(try await list(cluster[0], "x").status == 401)
                let (alice, root) = (try await token("alice", role: "user"), try await token("root", role: "admin"))
                #expect(try await list(cluster[0], alice).status == 403)
                #expect(try await list(cluster[0], root).status == 200)
            }
        }

        @Test(
            "A token that is taken back opens nothing any more: on the other instance, and after a restart of everything"
        )
        func restart() async throws {
            try await withCluster(instances: 2, Self.settings) { cluster in
                let (victim, root) = (try await token("mallory", role: "admin"), try await token("root", role: "admin"))
                #expect(try await list(cluster[1], victim).status == 200)
                let later = Int(Date().timeIntervalSince1970) + 10
                let answer = try await revoke(
                    #"{"user":"mallory","issued_before":\#(later)}"#, on: cluster[0], root)
                #expect(answer.status == 201 && answer.body.contains("until"))
                let start = ContinuousClock.now
                try await eventually("the token to be refused", within: .seconds(5), every: .milliseconds(5)) {
                    try await list(cluster[1], victim).status == 401
                }
                let time = ContinuousClock.now - start
                #expect(time < .seconds(1))
                print("revocation: refused on the other server after \(time)")

                let backing = try #require(cluster.backing)
                let peer = try await RedisPeer.connect(port: backing.redis.port)
                #expect(try await peer.command("SAVE") == .text("OK"))
                await peer.close()
                for instance in cluster.instances { await instance.kill9() }
                await backing.redis.kill9()
                await backing.nats.kill9()
                try await backing.nats.start()
                try await backing.redis.start()
                for instance in cluster.instances {
                    try await instance.start()
                    #expect(try await list(instance, victim).status == 401)
                    #expect(try await list(instance, root).status == 200)
                }
            }
        }

        @Test("A server that stands alone remembers, too")
        func embedded() async throws {
            let cluster = try await Cluster.startEmbedded(Self.settings)
            do {
                let (victim, root) = (try await token("mallory", role: "admin"), try await token("root", role: "admin"))
                let later = Int(Date().timeIntervalSince1970) + 10
                #expect(
                    try await revoke(#"{"user":"mallory","issued_before":\#(later)}"#, on: cluster[0], root).status
                        == 201)
                #expect(try await list(cluster[0], victim).status == 401)
                await cluster[0].kill9()
                try await cluster[0].start()
                #expect(try await list(cluster[0], victim).status == 401)
                #expect(try await list(cluster[0], root).status == 200)
            } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }
    }
}
