import Testing

extension Integration {
    @Suite("NATS goes away and comes back", .serialized)
    struct NATSFailure {
        /// Two users on each instance, all in one room.
        private func fill(_ cluster: Cluster) async throws -> [WebSocketClient] {
            var clients: [WebSocketClient] = []
            for index in 0..<4 { clients.append(try await cluster[index].enter("user\(index)", room: "dev")) }
            return clients
        }

        @Test(
            "Restarted under traffic: connections stay, and each message is heard or refused", arguments: [true, false])
        func restarted(killed: Bool) async throws {
            try await withCluster(["append_timeout_seconds": 2]) { cluster in
                let nats = try #require(cluster.backing).nats
                let clients = try await fill(cluster)
                let talkers = [Talker(clients[0], prefix: "a"), Talker(clients[1], prefix: "b")]
                for listener in clients[2...] { try await listener.hearsSooner(said: "a20") }

                if killed { await nats.kill9() } else { try await nats.stop() }
                for instance in cluster.instances {
                    try await eventually("\(instance.name) not to be ready", equals: 503) {
                        try await instance.readiness()
                    }
                    #expect(try await instance.get("/healthz").status == 200)
                }
                for talker in talkers {
                    try await eventually("\(talker.client.name) to be refused") { talker.refusals > 10 }
                }
                // Joining, leaving and lists need no NATS; those who are there see at least who comes to their own instance.
                #expect(try await clients[2].users() == ["user0", "user1", "user2", "user3"])
                clients[2].join("shelter")
                try await clients[2].hearsSooner(notice: "user2 joined the room shelter")
                clients[2].join("dev")
                try await clients[2].hearsSooner(notice: "user2 joined the room dev")

                try await nats.start()
                for instance in cluster.instances {
                    try await eventually(
                        "\(instance.name) to be ready", within: .seconds(15), seen: { instance.logTail }
                    ) {
                        await instance.isReady()
                    }
                }
                try await cluster.isTalking(clients)
                for talker in talkers {
                    let sent = await talker.stop()
                    for listener in clients[2...] { try await talker.settles(sent: sent, with: listener) }
                }
                for client in clients { #expect(client.isConnected) }
                #expect(try await nats.subscriptions(on: "chat.live.dev") == [1, 1])
                try await cluster.lists(["dev": 4])
            }
        }

        @Test("Frozen for a while: nothing is lost in silence, nothing comes twice")
        func frozen() async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let nats = try #require(cluster.backing).nats
                let clients = try await fill(cluster)
                let talker = Talker(clients[0], prefix: "a")
                for listener in clients[1...] { try await listener.hearsSooner(said: "a20") }
                nats.freeze()
                try await eventually("messages to be refused") { talker.refusals > 10 }
                nats.thaw()
                try await cluster.isTalking(clients)
                let sent = await talker.stop()
                for listener in clients[1...] { try await talker.settles(sent: sent, with: listener) }
                for client in clients { #expect(client.isConnected) }
            }
        }

        @Test("Restarted with an empty store: the stream is made anew and messages flow")
        func emptied() async throws {
            try await withCluster { cluster in
                let nats = try #require(cluster.backing).nats
                let clients = try await fill(cluster)
                clients[0].say("before")
                for listener in clients[1...] { try await listener.hearsSooner(said: "before") }
                await nats.kill9()
                try nats.eraseStore()
                try await nats.start()
                try await cluster.isTalking(clients, within: .seconds(20))
                let peer = try await NATSPeer.connect(port: nats.port)
                #expect(try await StreamInfo.of("CHAT", peer).config.republish?.dest == "chat.live.{{wildcard(1)}}")
                await peer.close()
            }
        }

        @Test("Many short outages leave one subscription per room and both instances talking")
        func flapping() async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let nats = try #require(cluster.backing).nats
                let clients = try await fill(cluster)
                for _ in 0..<4 {
                    await nats.kill9()
                    clients[3].join("side")
                    try await clients[3].hearsSooner(notice: "user3 joined the room side")
                    try await nats.start()
                    clients[3].join("dev")
                    try await clients[3].hearsSooner(notice: "user3 joined the room dev")
                }
                try await cluster.isTalking(clients, within: .seconds(20))
                #expect(try await nats.subscriptions(on: "chat.live.dev") == [1, 1])
                #expect(try await nats.subscriptions(on: "chat.live.side") == [])
                try await cluster.lists(["dev": 4])
            }
        }
    }
}
