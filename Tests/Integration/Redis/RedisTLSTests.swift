import Foundation
import Testing

@testable import InfrastructureRedis

extension Integration {
    @Suite("Redis with TLS", .serialized)
    struct RedisTLSTests {
        /// A Redis that speaks TLS on the second port.
        private func withRedis(
            clients: String = "no", names: String = "DNS:localhost,IP:127.0.0.1",
            _ body: (RedisProcess, _ port: Int, RedisTrust) async throws -> Void
        ) async throws {
            let authority = try await TestAuthority.make(for: names)
            let port = try FreePort.pick()
            try await RedisProcess.with(authority.settings(port: port, clients: clients)) { redis in
                try await body(redis, port, try RedisTrust(authoritiesAt: authority.file))
            }
        }

        /// Sees that a start fails with one line that ends with `reason`.
        private func expectRefusal(
            _ scheme: String, _ host: String, _ port: Int, _ trust: RedisTrust, _ reason: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let url = "\(scheme)://\(host):\(port)"
            try await PresenceInstance.with(url, trust: trust, timeout: .milliseconds(300), ready: false) { instance in
                let error = await #expect(throws: RedisUnreachable.self, sourceLocation: sourceLocation) {
                    try await instance.store.waitUntilReady(within: .milliseconds(700))
                }
                #expect(
                    error?.description == "Redis at \(host):\(port) cannot be reached: \(reason)",
                    sourceLocation: sourceLocation)
            }
        }

        @Test(arguments: ["localhost", "127.0.0.1"])
        func `presence is kept over an encrypted connection`(host: String) async throws {
            try await withRedis { redis, port, trust in
                try await redis.command("ACL", "SETUSER", "chat", "on", ">s3c/ret", "~*", "+@all")
                let url = "rediss://chat:s3c%2Fret@\(host):\(port)/3"
                try await PresenceInstance.with(url, trust: trust, timeout: .milliseconds(300)) { instance in
                    _ = try await instance.claim("alice")
                    #expect(try await instance.store.names() == ["alice"])
                    guard case .text(let clients) = try await redis.command("CLIENT", "LIST") else {
                        Issue.record("no list of clients")
                        return
                    }
                    #expect(clients.contains("user=chat"))
                    // A hanging server costs no more time than without encryption.
                    redis.freeze()
                    try await eventually("the loss to be noticed", within: .seconds(5)) { !instance.store.isReachable }
                    redis.thaw()
                    try await instance.store.waitUntilReady(within: .seconds(5))
                    #expect(try await instance.store.names() == ["alice"])
                }
            }
        }

        @Test func `what stands in the way of encryption is said in one line`() async throws {
            try await withRedis { redis, port, trust in
                let host = "127.0.0.1"
                try await expectRefusal(
                    "rediss", host, port, .system,
                    "its certificate is not trusted: it expired, or redis_ca_file needs its issuer")
                try await expectRefusal(
                    "rediss", host, redis.port, trust, "no reply in time; does its port speak TLS?")
                try await expectRefusal(
                    "redis", host, port, trust,
                    "it ended the connection during the login; does its port expect TLS (rediss://)?")
            }
        }

        @Test(arguments: ["localhost", "127.0.0.1"])
        func `a certificate for another host is refused`(host: String) async throws {
            try await withRedis(names: "DNS:redis.example.org,IP:127.0.0.2") { _, port, trust in
                try await expectRefusal(
                    "rediss", host, port, trust, "its certificate is for another host name or address")
            }
        }

        @Test func `a server that wants a certificate of the client is refused in words`() async throws {
            try await withRedis(clients: "yes") { _, port, trust in
                try await expectRefusal(
                    "rediss", "127.0.0.1", port, trust,
                    "it wants a certificate of the client, which is not supported (tls-auth-clients no)")
            }
        }

        @Test func `a file of authorities that cannot be used stops the start with one line`() async throws {
            let directory = try ScratchDirectory.make("authorities")
            let broken = directory.appendingPathComponent("broken.pem")
            try Data("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8).write(to: broken)
            let empty = directory.appendingPathComponent("empty.pem")
            try Data().write(to: empty)
            for path in [broken.path, empty.path, directory.path, "/nowhere/ca.pem"] {
                let settings: Settings = [
                    "nats_url": "nats://127.0.0.1:1", "redis_url": "rediss://127.0.0.1:1",
                    "redis_ca_file": .text(path), "startup_timeout_seconds": 1,
                ]
                for more in [[], ["--check-config"]] {
                    let run = try await ServerRun.settings(settings, more)
                    #expect(run.isRefusal && run.lines.count == 1, "\(run)")
                    #expect(run.output.hasPrefix("server: redis_ca_file: \(path) "), "\(run)")
                }
            }
        }
    }
}
