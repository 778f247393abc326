import Testing

extension Integration {
    @Suite("Redis goes away and comes back", .serialized)
    struct RedisFailure {
        @Test(
            "Restarted empty under traffic: those connected chat on, and the lists are right again within ten seconds")
        func restarted() async throws {
            try await withCluster { cluster in
                let redis = try #require(cluster.backing).redis
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                let carol = try await cluster[1].enter("carol")
                let gone = try await cluster[0].enter("gone", room: "attic")
                let talker = Talker(alice)
                try await bob.hearsSooner(said: "n5")

                await redis.kill9()
                for instance in cluster.instances {
                    try await eventually("\(instance.name) not to be ready", equals: 503) {
                        try await instance.readiness()
                    }
                    #expect(try await instance.get("/healthz").status == 200)
                }
                // Lists and newcomers are refused in words.
                carol.listUsers()
                try await carol.hearsError()
                carol.listRooms()
                try await carol.hearsError()
                await expectRefused(cluster[0], "newcomer")
                // Chatting goes on.
                let mark = talker.heard(by: bob).last ?? 0
                try await bob.hearsSooner(said: "n\(mark + 50)")
                // One goes meanwhile: she must not come back with Redis.
                try await gone.close()

                try await redis.start()
                try await cluster.lists(["dev": 2, "global": 1])
                #expect(try await carol.users() == ["alice", "bob", "carol"])
                let peer = try await RedisPeer.connect(port: redis.port)
                #expect(try await peer.members("active_users") == ["alice", "bob", "carol"])
                #expect(try await peer.members("all_rooms") == ["dev", "global"])
                await peer.close()
                for instance in cluster.instances { #expect(try await instance.readiness() == 200) }
                // Names are protected again, and free ones to be had.
                let twin = try await cluster[0].client("carol")
                try await twin.hears(notice: "username already exists")
                let dora = try await cluster[0].enter("dora", room: "dev")
                let sent = await talker.stop()
                try await talker.settles(sent: sent, with: bob)
                #expect(talker.refusals == 0)
                try await dora.close()
                for client in [alice, bob, carol] { #expect(client.isConnected) }
                #expect(bob.count(notice: "alice left the room") == 0)
            }
        }

        @Test("Restarted at once, too quickly for anyone to notice but by its emptiness")
        func blink() async throws {
            try await withCluster { cluster in
                let redis = try #require(cluster.backing).redis
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                try await alice.hears(notice: "bob joined the room dev")
                for _ in 0..<3 {
                    await redis.kill9()
                    try await redis.start()
                    try await cluster.lists(["dev": 2])
                }
                try await cluster.isTalking([alice, bob])
                try await bob.close()
                try await alice.hearsSooner(notice: "bob left the room")
                try await cluster.lists(["dev": 1])
            }
        }

        @Test("Emptied by an operator while it runs: the lists are right again within ten seconds")
        func flushed() async throws {
            try await withCluster { cluster in
                let redis = try #require(cluster.backing).redis
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob")
                let peer = try await RedisPeer.connect(port: redis.port)
                try await peer.command("FLUSHALL")
                try await cluster.lists(["dev": 1, "global": 1])
                #expect(try await alice.users() == ["alice", "bob"])
                try await peer.command("SCRIPT", "FLUSH")
                bob.join("dev")
                try await bob.hears(notice: "bob joined the room dev")
                try await cluster.lists(["dev": 2])
                await peer.close()
            }
        }

        @Test("Frozen for longer than the leases: nobody is thrown out, and the lists are right afterwards")
        func frozen() async throws {
            try await withCluster { cluster in
                let redis = try #require(cluster.backing).redis
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                let talker = Talker(alice)
                redis.freeze()
                for instance in cluster.instances {
                    try await eventually("\(instance.name) not to be ready", equals: 503) {
                        try await instance.readiness()
                    }
                }
                // The lease is 2 s: let both of them expire while nobody can beat.
                try await Task.sleep(for: .seconds(3))
                redis.thaw()
                try await cluster.lists(["dev": 2])
                for instance in cluster.instances {
                    try await eventually("\(instance.name) to be ready", equals: 200) { try await instance.readiness() }
                }
                let sent = await talker.stop()
                try await talker.settles(sent: sent, with: bob)
                #expect(talker.refusals == 0)
                for client in [alice, bob] { #expect(client.isConnected) }
                try await cluster.isTalking([alice, bob])
            }
        }

        /// A newcomer gets no session: a refused upgrade, or words and a close.
        private func expectRefused(_ instance: ChatInstance, _ name: String) async {
            do {
                let client = try await instance.client(name)
                try await client.hearsError()
                _ = try await client.closed()
            } catch let refused as UpgradeRefused {
                #expect(refused.answer.status == 503)
            } catch {
                Issue.record(error, "\(name) without Redis")
            }
        }

        @Test("NATS and Redis restarted together: everything is right again")
        func both() async throws {
            try await withCluster { cluster in
                let backing = try #require(cluster.backing)
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                await backing.redis.kill9()
                await backing.nats.kill9()
                alice.say("into the void")
                try await alice.hears(notice: "bob joined the room dev")
                try await alice.hearsError()
                try await bob.close()
                try await backing.nats.start()
                try await backing.redis.start()
                try await cluster.lists(["dev": 1])
                let again = try await cluster[1].enter("bob", room: "dev")
                try await cluster.isTalking([alice, again])
            }
        }
    }
}
