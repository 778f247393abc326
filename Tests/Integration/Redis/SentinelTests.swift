import Testing

@testable import InfrastructureRedis

extension Integration {
    /// Sentinels are real: three of them agree on who is the master.
    @Suite("Redis with sentinels", .serialized)
    struct SentinelTests {
        /// One master, two replicas and three sentinels that know all of them.
        private func withSentinels(_ body: ([RedisProcess], _ url: String) async throws -> Void) async throws {
            let master = try FreePort.pick()
            // A replica asks at once for what it needs, and a master does not wait for others to do so.
            let quick = ["repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
            let servers = try (0..<3).map { number in
                try RedisProcess(
                    port: number == 0 ? master : try FreePort.pick(),
                    quick + (number == 0 ? [] : ["replicaof 127.0.0.1 \(master)"]))
            }
            let sentinels = try (0..<3).map { _ in
                try RedisProcess(
                    sentinel: true, port: try FreePort.pick(),
                    [
                        "sentinel monitor main 127.0.0.1 \(master) 2", "sentinel down-after-milliseconds main 500",
                        "sentinel failover-timeout main 1000", "sentinel parallel-syncs main 2",
                    ])
            }
            try await RedisProcess.with(servers) { _ in
                // Sentinels ask a master for its replicas at first sight, and then every ten seconds.
                try await eventually("two replicas", equals: "2") { try await servers[0].info("connected_slaves") }
                try await RedisProcess.with(sentinels) { _ in
                    for sentinel in sentinels {
                        try await eventually("the sentinels to know each other and the replicas") {
                            guard case .list(let facts) = try await sentinel.command("SENTINEL", "MASTER", "main"),
                                let others = facts.firstIndex(of: .text("num-other-sentinels")),
                                let replicas = facts.firstIndex(of: .text("num-slaves"))
                            else { return false }
                            return facts[others + 1] == .text("2") && facts[replicas + 1] == .text("2")
                        }
                    }
                    let addresses = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
                    try await body(servers, "redis+sentinel://\(addresses)/main/0")
                }
            }
        }

        private func role(_ server: RedisProcess) async -> String? { try? await server.info("role") }

        /// The server that has taken over, once there is one among `candidates`.
        private func successor(among candidates: [RedisProcess]) async throws -> RedisProcess {
            var successor: RedisProcess?
            try await eventually("another master", within: .seconds(15), every: .milliseconds(50)) {
                for server in candidates where await role(server)?.hasPrefix("master") == true { successor = server }
                return successor != nil
            }
            return try #require(successor)
        }

        @Test func `a failover is followed, and lists are right within ten seconds of it`() async throws {
            try await withSentinels { servers, url in
                try await withCluster(instances: 2, ["redis_url": .text(url), "lease_seconds": 6]) { cluster in
                    let alice = try await cluster[0].enter("alice", room: "dev")
                    let bob = try await cluster[1].enter("bob", room: "dev")
                    try await cluster.lists(["dev": 2])

                    await servers[0].kill9()
                    let second = try await successor(among: [servers[1], servers[2]])
                    try await cluster.lists(["dev": 2])
                    #expect(try await alice.users() == ["alice", "bob"])
                    let carol = try await cluster[1].enter("carol")
                    try await cluster.lists(["dev": 2, "global": 1])

                    // One that hangs is dead too: its connections stay open, and nothing comes back.
                    try await eventually("a replica of the new master", equals: "1") {
                        try await second.info("connected_slaves")
                    }
                    second.freeze()
                    let third = try await successor(among: servers.dropFirst().filter { $0.port != second.port })
                    try await cluster.lists(["dev": 2, "global": 1])
                    guard case .list(let users) = try await third.command("SMEMBERS", "active_users") else {
                        Issue.record("no list of users")
                        return
                    }
                    #expect(users.count == 3)

                    // It goes on as if nothing had happened, a master of nobody, until the sentinels demote it.
                    second.thaw()
                    try await carol.close()
                    try await cluster.lists(["dev": 2])
                    // Nobody was taken for dead meanwhile.
                    for client in [alice, bob] {
                        #expect(client.isConnected)
                        #expect(client.count(notice: "alice left the room") == 0)
                        #expect(client.count(notice: "bob left the room") == 0)
                    }
                }
            }
        }

        @Test func `sentinels that ask for a password and for encryption are asked in this way`() async throws {
            let authority = try await TestAuthority.make()
            let ports = try (0..<2).map { _ in try FreePort.pick() }
            let redis = try RedisProcess(
                port: try FreePort.pick(), authority.settings(port: ports[0]) + ["tls-replication yes"])
            let sentinel = try RedisProcess(
                sentinel: true, port: try FreePort.pick(),
                authority.settings(port: ports[1]) + [
                    "tls-replication yes", "sentinel monitor main 127.0.0.1 \(ports[0]) 1",
                    "user default on nopass ~* &* -@all +ping",
                    "user asker on >s3c/ret -@all +sentinel|get-master-addr-by-name",
                ])
            try await RedisProcess.with([redis, sentinel]) { _ in
                let trust = try RedisTrust(authoritiesAt: authority.file)
                try await redis.command("ACL", "SETUSER", "chat", "on", ">other", "~*", "+@all")
                let url = "rediss+sentinel://chat:other@localhost:\(ports[1])/main/2"
                let asker = "?sentinel_username=asker&sentinel_password=s3c%2Fret"
                try await PresenceInstance.with(url + asker, trust: trust) { instance in
                    _ = try await instance.claim("alice")
                    #expect(try await instance.store.names() == ["alice"])
                }
                try await PresenceInstance.with(url, trust: trust, ready: false) { instance in
                    let error = await #expect(throws: RedisUnreachable.self) {
                        try await instance.store.waitUntilReady(within: .milliseconds(500))
                    }
                    let text = try #require(error?.description)
                    #expect(text.hasPrefix("Redis at main (sentinels localhost:\(ports[1])) cannot be reached: "))
                    #expect(text.contains("sentinel localhost:\(ports[1]): Redis says: NOPERM"))
                }
            }
        }

        @Test func `what no sentinel knows is said in one line`() async throws {
            let redis = try RedisProcess(port: try FreePort.pick(), [])
            let sentinel = try RedisProcess(
                sentinel: true, port: try FreePort.pick(), ["sentinel monitor main 127.0.0.1 \(redis.port) 1"])
            try await RedisProcess.with([redis, sentinel]) { _ in
                let nobody = try FreePort.pick()
                let hosts = [nobody, sentinel.port, redis.port].map { "127.0.0.1:\($0)" }
                let url = "redis+sentinel://\(hosts.joined(separator: ","))/other"
                try await PresenceInstance.with(url, ready: false) { instance in
                    let error = await #expect(throws: RedisUnreachable.self) {
                        try await instance.store.waitUntilReady(within: .milliseconds(300))
                    }
                    let text = try #require(error?.description)
                    #expect(
                        text.hasSuffix(
                            "sentinel \(hosts[0]): connection refused; sentinel \(hosts[1]) knows no master other; "
                                + "sentinel \(hosts[2]): Redis says: ERR unknown command 'SENTINEL', with args beginning "
                                + "with: 'GET-MASTER-ADDR-BY-NAME' 'other' "), "\(text)")
                }
                try await PresenceInstance.with("redis://127.0.0.1:\(sentinel.port)", ready: false) { instance in
                    let error = await #expect(throws: RedisUnreachable.self) {
                        try await instance.store.waitUntilReady(within: .milliseconds(300))
                    }
                    let text = try #require(error?.description)
                    #expect(text.hasSuffix("it is a sentinel; their URL begins with redis+sentinel://"), "\(text)")
                }
            }
        }
    }
}
