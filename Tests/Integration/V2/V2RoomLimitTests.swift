import Testing
import Wire

extension Integration {
    @Suite("chat.v2 rooms of a session", .serialized)
    struct V2RoomLimit {
        @Test("A session is in as many rooms as it may be, and one that is taken over keeps what it has")
        func limit() async throws {
            try await withCluster(instances: 1, ["max_rooms_per_session": 3]) { cluster in
                let alice = try await cluster[0].v2("alice")
                #expect(alice.welcome.limits.roomsPerSession == 3)
                for room in ["global", "dev", "ops"] { try await alice.join(room, stay: true) }
                let refused = V2Command.joinRoom(.init(room: "web", stay: true))
                try await alice.isRefused("too_many_rooms", ref: alice.send(refused))
                // Those that it is in are read on, and what is said there comes.
                try await alice.join("dev", stay: true)
                try await alice.say("here", in: "ops")
                let ref = alice.send(.leaveRoom("ops"))
                #expect(try await alice.next() == V2Frame(.left(room: "ops"), ref: ref))
                try await alice.join("web", stay: true)
                try await alice.cut()

                // The operator allows less from now on.
                let backing = try #require(cluster.backing)
                let other = try ChatInstance(
                    "server-strict",
                    [
                        "nats_url": .text(backing.nats.url), "redis_url": .text(backing.redis.url),
                        "max_rooms_per_session": 2,
                    ])
                try await other.start()
                defer { other.signal(9) }
                let again = try await other.v2("alice", session: alice.welcome.session)
                #expect(Set(again.welcome.rooms) == ["global", "dev", "web"])
                for room in ["global", "dev", "web"] { try await again.join(room, stay: true) }
                try await again.isRefused("too_many_rooms", ref: again.send(.joinRoom(.init(room: "ops", stay: true))))
                try await again.join("ops")
                #expect(try await again.users(in: "web") == [])
                try await again.close()
                await other.kill9()
            }
        }
    }
}
