import Testing
import Wire

extension Integration {
    @Suite("chat.v2 while NATS is away", .serialized)
    struct V2NATSFailure {
        @Test(
            "Messages are refused as unavailable, in their order; sent again under the same ids each is stored once",
            arguments: [Outage.killed, .frozen])
        func refused(_ outage: Outage) async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let nats = try #require(cluster.backing).nats
                let alice = try await cluster[0].enterV2("alice", "dev")
                let bob = try await cluster[1].enterV2("bob", "dev")
                try await alice.seesJoined("bob", "dev", members: 2)
                try await alice.join("side", history: 0, stay: true)
                try await alice.join("dev", history: 0, stay: true)
                try await alice.say("0", id: "0")
                try await bob.hears("0", from: "alice", in: "dev")
                try await outage.begin(nats, cluster)

                // More than may be on their way at once.
                let ids = (1...300).map { "\($0)" }
                for id in ids { alice.send(.chatMessage(content: id, room: nil, id: id), ref: id) }
                for id in ids { try await alice.isRefused("unavailable", ref: id) }
                // Everything that needs no NATS works.
                try await alice.isQuiet()
                #expect(alice.socket.isConnected && bob.socket.isConnected)
                try await outage.end(nats, cluster)

                // One at a time, until each is acknowledged, as a client would that wants strict order.
                for id in ids {
                    try await eventually("\(id) to be stored", within: .seconds(15), every: .milliseconds(100)) {
                        let ref = alice.send(.chatMessage(content: id, room: nil, id: id))
                        let reply = try await alice.first("an answer") { $0.ref == ref }
                        if case .ack = reply.event { return true } else { return false }
                    }
                }
                try await eventually("bob to hear all", equals: ids.count + 1) { bob.view(of: "dev").messages.count }
                let carol = try await cluster[1].v2("carol", room: "dev")
                var stored: [String] = []
                let entry = try await carol.join("dev", history: 0)
                var before = entry.lastSequence + 1
                while true {
                    let page = try await carol.history("dev", .before(before), limit: 100)
                    stored = page.messages.map(\.id) + stored
                    before = page.messages.first?.sequence ?? 0
                    if !page.more { break }
                }
                #expect(stored.count == ids.count + 1, "each once")
                #expect(Set(stored) == Set(["0"] + ids))
                #expect(bob.view(of: "dev").faults == [])
                #expect(bob.view(of: "dev").ids == stored)
                #expect(alice.view(of: "dev").faults == [])
            }
        }

        enum Outage: CaseIterable {
            case killed, frozen

            func begin(_ nats: NATSServer, _ cluster: Cluster) async throws {
                switch self {
                case .frozen: nats.freeze()
                case .killed:
                    await nats.kill9()
                    for instance in cluster.instances {
                        try await eventually("\(instance.name) to notice", equals: 503) {
                            try await instance.readiness()
                        }
                    }
                }
            }

            func end(_ nats: NATSServer, _ cluster: Cluster) async throws {
                switch self {
                case .frozen: nats.thaw()
                case .killed: try await nats.start()
                }
                for instance in cluster.instances {
                    try await eventually("\(instance.name) to be ready", within: .seconds(15)) {
                        await instance.isReady()
                    }
                }
            }
        }

        @Test(
            "Killed and restarted under traffic: what was acknowledged is there, in one order, and nothing comes twice")
        func underTraffic() async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let nats = try #require(cluster.backing).nats
                var watchers: [V2Client] = []
                var talkers: [V2Talker] = []
                for index in 0..<2 { watchers.append(try await cluster[index].enterV2("watcher\(index)", "dev")) }
                for index in 0..<2 {
                    talkers.append(V2Talker(try await cluster[index].enterV2("talker\(index)", "dev"), in: "dev"))
                }
                for _ in 0..<2 {
                    let mark = talkers.map { $0.client.replies.count { $0.isAck } }
                    try await eventually("traffic", within: .seconds(15)) {
                        zip(talkers, mark).allSatisfy { talker, count in
                            talker.client.replies.count { $0.isAck } > count + 30
                        }
                    }
                    await nats.kill9()
                    try await eventually("refusals") {
                        talkers.allSatisfy { $0.client.replies.contains { !$0.isAck } }
                    }
                    try await nats.start()
                }
                try await eventually("both to be heard again", within: .seconds(15)) {
                    talkers.allSatisfy { $0.client.replies.last?.isAck == true }
                }
                var acknowledged: Set<String> = []
                for talker in talkers { acknowledged.formUnion(try await talker.settle()) }
                for watcher in watchers {
                    try await eventually(
                        "\(watcher.name) to see all that was acknowledged",
                        seen: { "missing \(acknowledged.subtracting(watcher.view(of: "dev").ids).sorted())" },
                        until: { acknowledged.isSubset(of: watcher.view(of: "dev").ids) })
                }
                try await eventually("both to have seen the same") {
                    watchers[0].view(of: "dev").ids == watchers[1].view(of: "dev").ids
                }
                for client in watchers + talkers.map(\.client) {
                    let view = client.view(of: "dev")
                    #expect(view.faults == [], "\(client.name)")
                    #expect(view.gaps.isEmpty)
                    #expect(client.socket.isConnected)
                }
            }
        }
    }
}
