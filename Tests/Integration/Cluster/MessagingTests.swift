import Testing

extension Integration {
    @Suite("Two instances", .serialized, .cluster(instances: 2))
    struct Messaging {
        @Test("A burst crosses in order, once, and not back to its sender")
        func burst() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("alice", room: "dev")
            let near = try await cluster[0].enter("near", room: "dev")
            let far = try await cluster[1].enter("far", room: "dev")
            for number in 0..<1_000 { alice.say("\(number)") }
            for listener in [near, far] {
                try await listener.hearsSooner(said: "0")
                for number in 1..<1_000 { try #require(try await listener.next().said == "\(number)") }
            }
            far.say("thanks")
            // Alice's next message is far's: none of her own came back.
            _ = try await alice.texts.first("a message") { $0.said != nil }
            #expect(alice.texts.all.compactMap(\.said) == ["thanks"])
            for client in [alice, near, far] { await client.drop() }
        }

        @Test("Listeners on both instances see the messages of many speakers in the same order")
        func sameOrder() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            var listeners: [WebSocketClient] = []
            for index in 0..<4 { listeners.append(try await cluster[index].enter("listener\(index)", room: "order")) }
            var speakers: [WebSocketClient] = []
            for index in 0..<6 { speakers.append(try await cluster[index].enter("speaker\(index)", room: "order")) }
            for number in 0..<100 {
                for speaker in speakers { speaker.say("\(speaker.name) \(number)") }
            }
            for listener in listeners {
                try await eventually("\(listener.name) to hear all", within: .seconds(20)) {
                    listener.texts.all.count { $0.said != nil } >= 600
                }
            }
            let heard = listeners.map { $0.texts.all.compactMap(\.said) }
            for list in heard { #expect(list == heard[0]) }
            for speaker in speakers {
                let own = heard[0].filter { $0.hasPrefix("\(speaker.name) ") }
                #expect(own == (0..<100).map { "\(speaker.name) \($0)" })
            }
            for client in listeners + speakers { await client.drop() }
        }

        @Test("An instance has one subscription per active room however many members, and none after the last")
        func subscriptions() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let nats = try #require(cluster.backing?.nats)
            var members: [WebSocketClient] = []
            for index in 0..<10 { members.append(try await cluster[index].enter("member\(index)", room: "crowd")) }
            try await eventually("one subscription on each instance", equals: [1, 1]) {
                try await nats.subscriptions(on: "chat.live.crowd")
            }
            for (index, member) in members.enumerated() where index % 2 == 1 { try await member.close() }
            try await eventually("one subscription on the first instance", equals: [1]) {
                try await nats.subscriptions(on: "chat.live.crowd")
            }
            // The last one moves to another room instead of going.
            for index in stride(from: 0, to: 8, by: 2) { try await members[index].close() }
            members[8].join("elsewhere")
            try await members[8].hearsSooner(notice: "member8 joined the room elsewhere")
            try await eventually("no subscription", equals: []) { try await nats.subscriptions(on: "chat.live.crowd") }
            #expect(try await nats.subscriptions(on: "chat.presence.crowd") == [])
            #expect(try await nats.subscriptions(on: "chat.live.elsewhere") == [1])
            try await members[8].close()
            try await eventually("no subscription", equals: []) {
                try await nats.subscriptions(on: "chat.live.elsewhere")
            }
        }

        @Test("A room that empties and fills again and again is heard each time")
        func rejoining() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("alice", room: "door")
            let bob = try await cluster[1].enter("bob", room: "door")
            try await alice.hears(notice: "bob joined the room door")
            for round in 0..<50 {
                // Bob is alone on his instance: each round ends and begins its subscription.
                bob.join("hall")
                bob.join("door")
                try await bob.hears(notice: "bob joined the room hall")
                try await bob.hears(notice: "bob joined the room door")
                try await alice.hears(notice: "bob left the room")
                try await alice.hears(notice: "bob joined the room door")
                alice.say("round \(round)")
                try #require(try await bob.next().said == "round \(round)")
            }
            try await alice.isQuiet()
            try await bob.isQuiet()
            await alice.drop()
            await bob.drop()
        }

        @Test("The stream is there with republishing, file storage and a window of two minutes")
        func stream() async throws {
            let peer = try await NATSPeer.connect(port: try #require(try Cluster.current.backing).nats.port)
            let config = try await StreamInfo.of("CHAT", peer).config
            #expect(config.subjects == ["chat.room.*"])
            #expect(config.storage == "file")
            #expect(config.duplicate_window == 120_000_000_000)
            #expect(config.retention == "limits" && config.discard == "old")
            #expect(config.max_msgs_per_subject > 0 && config.max_age > 0)
            #expect(config.republish?.src == "chat.room.*")
            #expect(config.republish?.dest == "chat.live.{{wildcard(1)}}")
            #expect(config.republish?.headers_only != true)
            await peer.close()
        }

        @Test("Fifty clients that race for one name end with exactly one winner", arguments: 1...6)
        func race(_ round: Int) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let name = "racer\(round)"
            let clients = try await withThrowingTaskGroup(of: WebSocketClient.self) { group in
                for index in 0..<50 {
                    group.addTask { try await cluster[index].client(name) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var winners: [WebSocketClient] = []
            for client in clients {
                let first = try await client.next()
                if first == .notice("\(name) joined the room global") {
                    winners.append(client)
                } else {
                    #expect(first == .notice("username already exists"))
                    #expect(try await client.closed().code == 4001)
                }
            }
            #expect(winners.count == 1)
            for instance in cluster.instances {
                #expect(try await instance.rooms() == [.init(name: "global", members: 1)])
            }
            for winner in winners {
                try await winner.isQuiet()
                #expect(try await winner.users() == [name])
                try await winner.close()
            }
        }
    }
}
