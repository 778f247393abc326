import Testing

extension Integration {
    /// What members are shown of a room's log: nothing missing, nothing twice, in order, whatever happens to the log meanwhile.
    @Suite("Following a room's log", .serialized)
    struct Following {
        @Test("Who comes in the middle of a burst hears all of it from there on, on either instance")
        func joinersInABurst() async throws {
            try await withCluster { cluster in
                let alice = try await cluster[0].enter("alice", room: "busy")
                let talker = Talker(alice, every: .milliseconds(1))
                var joiners: [WebSocketClient] = []
                for index in 0..<20 { joiners.append(try await cluster[index].enter("joiner\(index)", room: "busy")) }
                // In and out: the subscription of a room ends and begins under traffic.
                let hopper = try await cluster[1].enter("hopper", room: "hall")
                for _ in 0..<20 {
                    hopper.join("busy")
                    try await hopper.hearsSooner(notice: "hopper joined the room busy")
                    hopper.join("hall")
                    try await hopper.hearsSooner(notice: "hopper joined the room hall")
                }
                let sent = await talker.stop()
                #expect(talker.refusals == 0)
                for joiner in joiners {
                    try await eventually("\(joiner.name) to hear the last") {
                        talker.heard(by: joiner).last == sent - 1
                    }
                    let heard = talker.heard(by: joiner)
                    #expect(heard == Array((heard.first ?? 0)..<sent), "\(joiner.name)")
                }
                let glimpsed = talker.heard(by: hopper)
                #expect(zip(glimpsed, glimpsed.dropFirst()).allSatisfy(<), "nothing twice, nothing out of order")
            }
        }

        @Test("Where the log keeps only a few messages of a room, all of a burst is heard all the same")
        func shortRetention() async throws {
            try await withCluster(["retention_messages_per_room": 5]) { cluster in
                let alice = try await cluster[0].enter("alice", room: "busy")
                let near = try await cluster[0].enter("near", room: "busy")
                let far = try await cluster[1].enter("far", room: "busy")
                for number in 0..<1_000 { alice.say("\(number)") }
                for listener in [near, far] {
                    try await listener.hearsSooner(said: "999")
                    #expect(listener.texts.all.compactMap(\.said) == (0..<1_000).map { "\($0)" })
                }
            }
        }

        @Test("A log that an operator empties under traffic costs nobody a message")
        func purged() async throws {
            try await withCluster { cluster in
                let peer = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
                let alice = try await cluster[0].enter("alice", room: "busy")
                let bob = try await cluster[1].enter("bob", room: "busy")
                let talker = Talker(alice, every: .milliseconds(2))
                for mark in [50, 150, 250] {
                    try await bob.hearsSooner(said: "n\(mark)")
                    let reply = try await peer.request("$JS.API.STREAM.PURGE.CHAT")
                    #expect(reply.contains(#""success":true"#), "\(reply)")
                }
                try await bob.hearsSooner(said: "n350")
                let sent = await talker.stop()
                try await talker.settles(sent: sent, with: bob)
                #expect(talker.refusals == 0)
                #expect(talker.heard(by: bob) == Array(0..<sent))
                await peer.close()
            }
        }

        @Test("A stream that an operator deletes is made anew, and messages flow; what failed was refused")
        func deleted() async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let peer = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
                let alice = try await cluster[0].enter("alice", room: "busy")
                let bob = try await cluster[1].enter("bob", room: "busy")
                let talker = Talker(alice)
                try await bob.hearsSooner(said: "n20")
                let reply = try await peer.request("$JS.API.STREAM.DELETE.CHAT")
                #expect(reply.contains(#""success":true"#), "\(reply)")
                try await cluster.isTalking([alice, bob], within: .seconds(20))
                let sent = await talker.stop()
                try await talker.settles(sent: sent, with: bob)
                #expect(try await StreamInfo.of("CHAT", peer).config.republish?.dest == "chat.live.{{wildcard(1)}}")
                await peer.close()
            }
        }

        @Test("NATS killed again and again under traffic: each message is heard or refused")
        func flapping() async throws {
            try await withCluster(["append_timeout_seconds": 2]) { cluster in
                let nats = try #require(cluster.backing).nats
                let alice = try await cluster[0].enter("alice", room: "busy")
                let bob = try await cluster[1].enter("bob", room: "busy")
                let carol = try await cluster[0].enter("carol", room: "busy")
                let talkers = [
                    Talker(alice, prefix: "a", every: .milliseconds(3)),
                    Talker(bob, prefix: "b", every: .milliseconds(3)),
                ]
                for _ in 0..<5 {
                    let mark = carol.texts.all.count { $0.said != nil }
                    try await eventually("traffic") { carol.texts.all.count { $0.said != nil } > mark + 40 }
                    await nats.kill9()
                    try await nats.start()
                }
                try await cluster.isTalking([alice, bob, carol])
                for (talker, listeners) in zip(talkers, [[bob, carol], [alice, carol]]) {
                    let sent = await talker.stop()
                    for listener in listeners { try await talker.settles(sent: sent, with: listener) }
                }
            }
        }

        @Test("A link that breaks in the middle of a message, wherever, costs none and repeats none")
        func brokenMessage() async throws {
            try await withFarInstance { cluster, far, cable, _ in
                let alice = try await cluster[0].enter("alice", room: "busy")
                let bob = try await far.enter("bob", room: "busy")
                let filler = String(repeating: "x", count: 300)
                var expected: [String] = []
                // A message is some 800 bytes on the link: within its line, its headers, its content and its end.
                for cut in [0, 1, 3, 10, 40, 100, 300, 500, 700, 790, 795, 799, 800, 801, 805, 2_000, 5_000] {
                    cable.cut(afterBytes: cut)
                    for number in 0..<20 {
                        expected.append("\(cut)-\(number)")
                        try await alice.sayThrough("\(cut)-\(number) \(filler)")
                    }
                    _ = try await bob.texts.first("all of \(cut)", within: .seconds(20)) {
                        $0.said?.hasPrefix("\(cut)-19 ") == true
                    }
                }
                let heard = bob.texts.all.compactMap(\.said).compactMap {
                    $0.split(separator: " ").first.map(String.init)
                }
                #expect(heard == expected)
            }
        }

        @Test("An outage with megabytes in it: who reads is caught up, and not taken for a slow reader")
        func longOutage() async throws {
            try await withFarInstance { cluster, far, cable, _ in
                let alice = try await cluster[0].enter("alice", room: "busy")
                let carol = try await cluster[0].enter("carol", room: "busy")
                let bob = try await far.enter("bob", room: "busy")
                await cable.cut()
                try await eventually("the far instance not to be ready", equals: 503) { try await far.readiness() }
                let filler = String(repeating: "x", count: 10_000)
                for number in 0..<800 { try await alice.sayThrough("\(number) \(filler)") }
                try await carol.hearsSooner(said: "799 \(filler)", within: .seconds(20))
                try await cable.mend()
                _ = try await bob.texts.first("bob to be caught up", within: .seconds(20)) {
                    $0.said?.hasPrefix("799 ") == true
                }
                let heard = bob.texts.all.compactMap(\.said).compactMap {
                    $0.split(separator: " ").first.flatMap { Int($0) }
                }
                #expect(heard == Array(0..<800))
                #expect(bob.isConnected)
            }
        }
    }
}
