import Testing
import Wire

extension Integration {
    /// A peer on bare NATS plays an instance of a later version, which stores entries of kinds that ours do not know.
    @Suite("chat.v2 beside a later version", .serialized, .cluster(instances: 2, ["grace_seconds": 5]))
    struct V2LaterVersion {
        private static let later = [
            #"{"type":"edit","of":"m1","sender":"zoe","content":"new words","id":"e1","at":"2027-01-02T03:04:05.000Z"}"#,
            #"{"type":"reaction","content":{"emoji":["+1"]},"sender":7}"#,
        ]

        @Test("What it stores between messages is passed over by both: no gap, the history whole, a resume exact")
        func rooms() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let nats = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
            let alice = try await cluster[0].enterV2("alice", "later")
            let bob = try await cluster[1].enterV2("bob", "later")
            try await alice.seesJoined("bob", "later", members: 2)
            let classic = try await cluster[1].enter("classic", room: "later")
            for client in [alice, bob] { try await client.seesJoined("classic", "later", members: 3) }
            let epoch = try await bob.history("later").epoch

            var position: V2Position?
            for round in 0..<3 {
                for payload in Self.later {
                    // With a reply subject JetStream confirms that it is stored.
                    #expect(try await nats.request("chat.room.later", payload).contains(#""seq":"#))
                }
                let ack = try await alice.say("\(round)")
                let heard = try await bob.hears("\(round)", from: "alice", in: "later")
                #expect(heard.sequence == ack.sequence)
                #expect(try await classic.next().said == "\(round)")
                if round == 0 { position = V2Position(after: heard.sequence, epoch: epoch) }
            }
            for client in [alice, bob] { try await client.isQuiet() }
            try await classic.isQuiet()
            for client in [alice, bob] {
                #expect(try await client.history("later").messages.map(\.content) == ["0", "1", "2"])
            }

            // Cut off, and back on the other instance: the newest entry is one that nobody here knows.
            try await bob.cut()
            _ = try await nats.request("chat.room.later", Self.later[0])
            try await alice.say("meanwhile")
            _ = try await nats.request("chat.room.later", Self.later[1])
            let again = try await cluster[0].v2("bob", session: bob.secret)
            let entry = try await again.join("later", after: position)
            #expect(entry.messages.map(\.content) == ["1", "2", "meanwhile"])
            #expect(!entry.isTruncated)
            try await alice.say("after")
            try await again.hears("after", from: "alice", in: "later")
            for instance in cluster.instances {
                #expect(try await instance.metric("chat_gaps_lost_total") == 0)
                #expect(try await instance.metric("chat_entries_unknown_total") ?? 0 >= 6)
            }
            for client in [alice, again] { try await client.close() }
            try await classic.close()
        }

        @Test("In an inbox, too")
        func inboxes() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let nats = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
            let alice = try await cluster[0].enterV2("alice")
            let bob = try await cluster[1].enterV2("bob")
            try await alice.seesJoined("bob", members: 2)
            let start = try await bob.inbox()
            try await alice.tell("bob", "1")
            let first = try await bob.hearsPrivately("1", from: "alice")
            #expect(try await nats.request("chat.user.bob", Self.later[0]).contains(#""seq":"#))
            try await alice.tell("bob", "2")
            try await bob.hearsPrivately("2", from: "alice")
            try await bob.isQuiet()
            let inbox = try await bob.inbox(after: V2Position(after: first.sequence, epoch: start.epoch))
            #expect(inbox.messages.map(\.content) == ["2"])
            #expect(!inbox.truncated && !inbox.more)
            for client in [alice, bob] { try await client.close() }
        }
    }
}
