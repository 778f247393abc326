import Testing

extension Integration {
    /// One instance loses one link while everyone else keeps theirs.
    @Suite("One instance is cut off", .serialized)
    struct Partitions {
        /// A cluster of two in which the second instance reaches NATS and Redis over cables of its own.
        private func withCables(
            _ body: (Cluster, _ near: ChatInstance, _ far: ChatInstance, _ nats: Cable, _ redis: Cable) async throws ->
                Void
        ) async throws {
            try await withFarInstance(["append_timeout_seconds": 2]) { cluster, far, nats, redis in
                try await body(cluster, cluster[0], far, nats, redis)
            }
        }

        @Test("From NATS: what the others said meanwhile is heard when it is back, once and in order")
        func fromNATS() async throws {
            try await withCables { _, near, far, nats, _ in
                let alice = try await near.enter("alice", room: "dev")
                let carol = try await near.enter("carol", room: "dev")
                let bob = try await far.enter("bob", room: "dev")
                try await carol.hears(notice: "bob joined the room dev")
                let talker = Talker(alice)
                try await bob.hearsSooner(said: "n10")
                await nats.cut()
                try await eventually("the far instance not to be ready", equals: 503) { try await far.readiness() }
                #expect(try await near.readiness() == 200)
                // Bob is refused, alice and carol notice nothing.
                bob.say("can you hear me")
                _ = try await bob.texts.first("bob to be refused") { frame in
                    frame.notice.map { !$0.contains(" joined the room ") && !$0.hasSuffix(" left the room") } ?? false
                }
                let mark = talker.heard(by: carol).count
                try await eventually("carol to hear on") { talker.heard(by: carol).count > mark + 50 }

                try await nats.mend()
                try await eventually("the far instance to be ready", equals: 200) { try await far.readiness() }
                try await bob.texts.skipping {
                    alice.say("are you back \($0)")
                } until: {
                    $0.said?.hasPrefix("are you back") == true
                }
                let sent = await talker.stop()
                #expect(talker.refusals == 0)
                try await talker.settles(sent: sent, with: carol)
                try await talker.settles(sent: sent, with: bob)
            }
        }

        @Test(
            "From Redis, for longer than its lease: its users chat on, are listed again afterwards, and keep their names"
        )
        func fromRedis() async throws {
            try await withCables { cluster, near, far, _, redis in
                let alice = try await near.enter("alice", room: "dev")
                let bob = try await far.enter("bob", room: "dev")
                let dave = try await far.enter("dave", room: "ops")
                try await alice.hears(notice: "bob joined the room dev")
                await redis.cut()
                // The survivor finds the lease expired, and says so.
                try await alice.hearsSooner(notice: "bob left the room")
                #expect(try await alice.users() == ["alice"])
                // Bob is cut off from Redis only: he hears and is heard.
                try await cluster.isTalking([alice, bob])
                let usurper = try await near.enter("dave", room: "attic")
                #expect(far.isRunning)

                try await redis.mend()
                try await eventually("bob to be listed again", equals: ["alice", "bob", "dave"]) {
                    try await alice.users()
                }
                #expect(try await dave.closed().code == 4001)
                #expect(try await alice.users(in: "dev") == ["alice", "bob"])
                #expect(try await alice.users(in: "attic") == ["dave"])
                #expect(try await alice.rooms() == ["attic", "dev"])
                try await cluster.isTalking([alice, bob])
                try await bob.close()
                try await alice.hearsSooner(notice: "bob left the room")
                #expect(usurper.isConnected)
            }
        }

        @Test("From both, again and again: afterwards both sides agree")
        func fromBoth() async throws {
            try await withCables { cluster, near, far, nats, redis in
                let alice = try await near.enter("alice", room: "dev")
                let bob = try await far.enter("bob", room: "dev")
                for _ in 0..<3 {
                    await nats.cut()
                    await redis.cut()
                    try await eventually("the far instance not to be ready", equals: 503) { try await far.readiness() }
                    try await redis.mend()
                    try await nats.mend()
                    try await eventually("the far instance to be ready", equals: 200) { try await far.readiness() }
                }
                for witness in [alice, bob] {
                    // Redis may be ready while the session is being put back.
                    try await eventually("\(witness.name) to be told of both", equals: ["alice", "bob"]) {
                        try await witness.users(in: "dev")
                    }
                }
                try await cluster.isTalking([alice, bob])
            }
        }
    }
}

extension Journal {
    /// Nudges with `say` until an entry matches, for what is only heard from some moment on.
    fileprivate func skipping(
        _ say: (Int) -> Void, until matches: @escaping @Sendable (Entry) -> Bool
    ) async throws {
        var attempt = 0
        try await eventually("something new to be heard", every: .milliseconds(50)) {
            attempt += 1
            say(attempt)
            return all.contains(where: matches)
        }
    }
}
