import Testing

extension Integration {
    /// Redis may be shared, and by default no prefix keeps others' keys apart from ours.
    @Suite("Redis holds what none of us has put there", .serialized, .cluster(instances: 2))
    struct SpoiltRedis {
        private func withPeer(_ body: (Cluster, RedisPeer) async throws -> Void) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let peer = try await RedisPeer.connect(port: try #require(cluster.backing).redis.port)
            try await body(cluster, peer)
            await peer.close()
            for instance in cluster.instances { #expect(instance.isRunning, "\(instance.logTail)") }
        }

        @Test(
            "A queued departure that nobody can read, or of an impossible time, goes and hurts nobody",
            arguments: [
                "left -9223372036854775808 ghost global", "left -1 ghost global", "left 0 ghost global",
                "left x ghost global", "left 5 ghost", "left 5 two words global", "garbage", "",
            ])
        func notice(_ text: String) async throws {
            try await withPeer { cluster, peer in
                let alice = try await cluster[0].enter("alice")
                let bob = try await cluster[1].enter("bob")
                try await alice.hears(notice: "bob joined the room global")
                try await peer.command("HSET", "lease:notices", "evil \(text)", text)
                try await eventually("the entry to be gone", equals: .integer(0)) {
                    try await peer.command("EXISTS", "lease:notices")
                }
                try await cluster.isTalking([alice, bob])
                for instance in cluster.instances { #expect(try await instance.readiness() == 200) }
                for client in [alice, bob] { try await client.close() }
            }
        }

        @Test("A key of another type with a room's name gives way to the room's members, and leaves no ghost")
        func roomKey() async throws {
            try await withPeer { cluster, peer in
                let alice = try await cluster[0].enter("alice", room: "dev")
                try await peer.command("HSET", "room:77", "a", "b")
                try await peer.command("SADD", "all_rooms", "77")
                let dora = try await cluster[1].enter("dora", room: "77")
                #expect(try await alice.users() == ["alice", "dora"])
                #expect(try await dora.users(in: "dev") == ["alice"])
                for instance in cluster.instances {
                    try await eventually(
                        "the room to be listed",
                        equals: [RoomListing(name: "77", members: 1), RoomListing(name: "dev", members: 1)]
                    ) { try await instance.rooms() }
                }
                #expect(try await dora.users(in: "77") == ["dora"])
                #expect(cluster[1].logTail.contains("keys of another type stood in place of the server's"))
                // Once more, and the user moves before anybody has noticed.
                try await peer.command("DEL", "room:77")
                try await peer.command("HSET", "room:77", "a", "b")
                dora.join("dev")
                try await dora.hearsSooner(notice: "dora joined the room dev")
                try await dora.close()
                try await eventually("no ghost", equals: ["alice"]) { try await peer.members("active_users") }
                #expect(try await peer.command("HKEYS", "lease:owners") == .list([.text("alice")]))
                // The name can be had again, and the spoilt room as well.
                let again = try await cluster[0].enter("dora", room: "77")
                try await again.close()
                try await peer.command("DEL", "room:77")
                try await peer.command("SREM", "all_rooms", "77")
                try await alice.close()
            }
        }

        @Test("A dead instance whose sessions cannot be read does not make the living settle anew")
        func deadLease() async throws {
            try await withPeer { cluster, peer in
                let alice = try await cluster[0].enter("alice")
                let leases = try await peer.command("ZRANGE", "lease:instances", "0", "-1")
                try await peer.command("SET", "lease:sessions:poison", "x")
                try await peer.command("ZADD", "lease:instances", "1", "poison")
                for round in 0..<20 {
                    let client = try await cluster[round].enter("newcomer\(round)", room: "dev")
                    try await client.close()
                }
                try await alice.isQuiet()
                try await eventually("the dead lease to be gone, and the others to be as before", equals: leases) {
                    try await peer.command("ZRANGE", "lease:instances", "0", "-1")
                }
                try await alice.close()
            }
        }
    }
}
