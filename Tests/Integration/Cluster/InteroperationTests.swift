import Foundation
import Testing

extension Integration {
    /// A peer on bare NATS and Redis plays an instance of the original Go server.
    @Suite("Interoperation with the original", .serialized, .cluster(instances: 2))
    struct Interoperation {
        private func peers() async throws -> (Cluster, NATSPeer, RedisPeer) {
            let cluster = try Cluster.current
            let backing = try #require(cluster.backing)
            try await cluster.vacate()
            return (
                cluster, try await .connect(port: backing.nats.port), try await .connect(port: backing.redis.port)
            )
        }

        @Test("Its users are heard by ours, with the timestamp it gave, and its notices are shown live")
        func hearsOriginal() async throws {
            let (cluster, nats, redis) = try await peers()
            let alice = try await cluster[0].enter("alice", room: "dev")
            let bob = try await cluster[1].enter("bob", room: "dev")
            let carol = try await cluster[0].enter("carol")
            try await alice.hears(notice: "bob joined the room dev")
            nats.publish(
                "chat.room.dev", #"{"type":"system_message","content":"gopher joined the room dev","room":"dev"}"#)
            nats.publish(
                "chat.room.dev",
                #"{"type":"chat_message","sender":"gopher","content":"hi from Go","timestamp":"2024-02-29 12:34:56","room":"dev"}"#
            )
            nats.publish("chat.room.dev", #"{"type":"system_message","content":"gopher left the room","room":"dev"}"#)
            for listener in [alice, bob] {
                try await listener.hears(notice: "gopher joined the room dev")
                try await listener.hears(
                    #"{"type":"chat_message","sender":"gopher","content":"hi from Go","timestamp":"2024-02-29 12:34:56","room":"dev"}"#
                )
                try await listener.hears(notice: "gopher left the room")
                try await listener.isQuiet()
            }
            try await carol.isQuiet()
            for client in [alice, bob, carol] { try await client.close() }
            await nats.close()
            await redis.close()
        }

        @Test("Who has one of our names in another of Unicode's forms is somebody else, and is heard by the namesake")
        func namesake() async throws {
            let (cluster, nats, redis) = try await peers()
            let ours = try await cluster[0].enter("caf\u{E9}", room: "dev")
            nats.publish(
                "chat.room.dev",
                #"{"type":"chat_message","sender":"cafe\#u{301}","content":"hi","timestamp":"2024-02-29 12:34:56","room":"dev"}"#
            )
            try await ours.hears(
                #"{"type":"chat_message","sender":"cafe\#u{301}","content":"hi","timestamp":"2024-02-29 12:34:56","room":"dev"}"#
            )
            try await ours.isQuiet()
            try await ours.close()
            await nats.close()
            await redis.close()
        }

        @Test("Our users are heard by it: the classic object plus id and at, and nothing else on the room's subject")
        func originalHears() async throws {
            let (cluster, nats, redis) = try await peers()
            let heard = try await nats.subscribe("chat.room.>")
            let alice = try await cluster[0].enter("alice", room: "日本語")
            alice.say("hello \"Go\"")
            let message = try await heard.next("our message on chat.room.日本語")
            #expect(message.subject == "chat.room.日本語")
            let frame = try #require(ClassicFrame(message.payload), "\(message)")
            #expect(frame.type == "chat_message")
            #expect(frame.sender == "alice")
            #expect(frame.content == "hello \"Go\"")
            #expect(frame.room == "日本語")
            let id = try #require(frame.id)
            #expect((16...64).contains(id.count))
            let at = try #require(frame.at)
            #expect(at.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(frame.timestamp == String(at.prefix(19)).replacing("T", with: " "))
            #expect(message.headers.contains("Nats-Msg-Id: alice.日本語.\(id)\r\n"), "\(message.headers)")

            // A dot in a name is not a level of the subject.
            alice.join("a.b")
            try await alice.hears(notice: "alice joined the room a.b")
            alice.say("dotted")
            #expect(try await heard.next().subject == "chat.room.a%2Eb")
            #expect(heard.all.count == 2)
            try await alice.close()
            await nats.close()
            await redis.close()
        }

        @Test("What is no message of the chat is passed over, and the next good one is heard")
        func garbage() async throws {
            let (cluster, nats, redis) = try await peers()
            let alice = try await cluster[1].enter("alice", room: "dev")
            for payload in [
                "", "{", "[]", "null", "42", #"{"type":"chat_message"}"#, #"{"type":7}"#, "\u{0}\u{1}",
                #"{"type":"dance"}"#,
                #"{"type":"chat_message","sender":7,"content":"x"}"#, String(repeating: "[", count: 50_000),
                String(repeating: "x", count: 1_000_000),
            ] {
                nats.publish("chat.room.dev", payload)
                nats.publish("chat.presence.dev", payload)
                nats.publish("chat.live.dev", payload)
            }
            nats.publish(
                "chat.room.dev",
                #"{"type":"chat_message","sender":"gopher","content":"good","timestamp":"2024-02-29 12:34:56","room":"dev"}"#
            )
            try await alice.hearsSooner(said: "good")
            #expect(alice.texts.all == [.notice("alice joined the room dev"), alice.texts.all.last])
            try await alice.isQuiet()
            try await alice.close()
            await nats.close()
            await redis.close()
        }

        @Test("A sender or text of a shape our rules forbid does not break a client's frame")
        func foreignNames() async throws {
            let (cluster, nats, redis) = try await peers()
            let alice = try await cluster[0].enter("alice", room: "dev")
            nats.publish(
                "chat.room.dev",
                #"{"type":"chat_message","sender":"two words\n","content":"a\u0000b","timestamp":"soon","room":"other"}"#
            )
            nats.publish(
                "chat.room.dev",
                #"{"type":"chat_message","sender":"gopher","content":"good","timestamp":"2024-02-29 12:34:56","room":"dev"}"#
            )
            try await alice.hearsSooner(said: "good")
            for frame in alice.texts.all { #expect(frame.classic != nil, "\(frame)") }
            try await alice.isQuiet()
            try await alice.close()
            await nats.close()
            await redis.close()
        }

        @Test("Our names and rooms stand in the sets the original reads, and vanish from them")
        func sets() async throws {
            let (cluster, nats, redis) = try await peers()
            let alice = try await cluster[0].enter("alice", room: "dev")
            let bob = try await cluster[1].enter("bob")
            #expect(try await redis.members("active_users") == ["alice", "bob"])
            #expect(try await redis.members("all_rooms") == ["dev", "global"])
            #expect(try await redis.members("room:dev") == ["alice"])
            #expect(try await redis.members("room:global") == ["bob"])
            alice.join("a.b")
            try await alice.hears(notice: "alice joined the room a.b")
            #expect(try await redis.members("all_rooms") == ["a.b", "global"])
            #expect(try await redis.members("room:a.b") == ["alice"])
            #expect(try await redis.command("EXISTS", "room:dev") == .integer(0))
            try await alice.close()
            try await bob.close()
            for key in ["active_users", "all_rooms", "room:a.b", "room:global"] {
                try await eventually("\(key) to vanish", equals: .integer(0)) { try await redis.command("EXISTS", key) }
            }
            await nats.close()
            await redis.close()
        }

        @Test("A user of the original is listed, its name refused, and nobody takes it out")
        func foreignUser() async throws {
            let (cluster, nats, redis) = try await peers()
            try await redis.command("SADD", "active_users", "gopher")
            try await redis.command("SADD", "all_rooms", "burrow")
            try await redis.command("SADD", "room:burrow", "gopher")
            for instance in cluster.instances {
                let twin = try await instance.client("gopher")
                try await twin.hears(notice: "username already exists")
                #expect(try await twin.closed().code == 4001)
            }
            let alice = try await cluster[0].enter("alice", room: "burrow")
            #expect(try await alice.users() == ["alice", "gopher"])
            #expect(try await alice.users(in: "burrow") == ["alice", "gopher"])
            #expect(try await alice.rooms() == ["burrow"])
            // Our last member leaves a room in which an original's user still is.
            try await alice.close()
            try await eventually("alice to be gone", equals: ["gopher"]) { try await redis.members("active_users") }
            #expect(try await redis.members("room:burrow") == ["gopher"])
            #expect(try await redis.members("all_rooms") == ["burrow"])
            for instance in cluster.instances {
                #expect(
                    try await instance.rooms() == [.init(name: "burrow", members: 1)])
            }
            for key in ["active_users", "all_rooms", "room:burrow"] { try await redis.command("DEL", key) }
            await nats.close()
            await redis.close()
        }

        @Test("A reaper that takes a dead instance's users out leaves an original's alone")
        func neverReaped() async throws {
            try await withCluster { cluster in
                let redis = try await RedisPeer.connect(port: try #require(cluster.backing).redis.port)
                try await redis.command("SADD", "active_users", "gopher")
                try await redis.command("SADD", "all_rooms", "dev")
                try await redis.command("SADD", "room:dev", "gopher")
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                try await alice.hears(notice: "bob joined the room dev")
                await cluster[1].kill9()
                try await alice.hears(notice: "bob left the room", within: .seconds(10))
                #expect(try await redis.members("active_users") == ["alice", "gopher"])
                #expect(try await redis.members("room:dev") == ["alice", "gopher"])
                await bob.drop()
                await redis.close()
            }
        }

        @Test("With a key prefix everything in Redis stands under it, and two chats share one Redis")
        func prefix() async throws {
            let (cluster, nats, redis) = try await peers()
            let backing = try #require(cluster.backing)
            let ownNATS = try NATSServer()
            try await ownNATS.start()
            let other = try ChatInstance(
                "server-prefixed",
                ["nats_url": .text(ownNATS.url), "redis_url": .text(backing.redis.url), "redis_key_prefix": "{chat}:"])
            try await other.start()
            let before = try await keys(redis)
            let alice = try await other.enter("alice", room: "dev")
            #expect(try await redis.members("{chat}:room:dev") == ["alice"])
            #expect(try await redis.members("{chat}:active_users") == ["alice"])
            for key in try await keys(redis) where !before.contains(key) { #expect(key.hasPrefix("{chat}:")) }
            let namesake = try await cluster[0].enter("alice", room: "dev")
            #expect(try await namesake.users() == ["alice"])
            try await namesake.close()
            try await alice.close()
            await other.kill9()
            await ownNATS.kill9()
            await nats.close()
            await redis.close()
        }

        private func keys(_ redis: RedisPeer) async throws -> Set<String> {
            guard case .list(let replies) = try await redis.command("KEYS", "*") else { return [] }
            return Set(replies.compactMap { if case .text(let key) = $0 { key } else { nil } })
        }
    }
}
