import Testing
import Wire

extension Integration {
    /// Cut off and back again: the others notice nothing, and nothing is lost.
    @Suite("chat.v2 resuming", .serialized, .cluster(instances: 2, ["grace_seconds": 3]))
    struct V2Resuming {
        /// Alice on the first instance, a watcher on each, all in `room`.
        private func scene(_ room: String) async throws -> (Cluster, V2Client, [V2Client]) {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let near = try await cluster[0].enterV2("near", room)
            let far = try await cluster[1].enterV2("far", room)
            try await near.seesJoined("far", room, members: 2)
            let alice = try await cluster[0].enterV2("alice", room)
            for watcher in [near, far] { try await watcher.seesJoined("alice", room, members: 3) }
            return (cluster, alice, [near, far])
        }

        @Test("Cut off and back on this instance or another: what was said meanwhile is read, once", arguments: [0, 1])
        func cutOff(instance: Int) async throws {
            let (cluster, alice, watchers) = try await scene("back")
            let here = try await alice.history("back").epoch
            let own = try await alice.say("before")
            for watcher in watchers { try await watcher.hears("before", from: "alice", in: "back") }
            let position = V2Position(after: try #require(own.sequence), epoch: here)
            try await alice.cut()
            for (index, watcher) in watchers.enumerated() {
                try await watcher.say("while away \(index)")
                try await watchers[1 - index].hears("while away \(index)", from: watcher.name, in: "back")
            }
            let again = try await cluster[instance].v2("alice", session: alice.secret)
            #expect(again.welcome.rooms == ["back"])
            #expect(again.secret == alice.secret)
            // Nothing of the room before its own join on this connection.
            try await watchers[0].say("welcome back")
            try await watchers[1].hears("welcome back", from: "near", in: "back")
            try await again.isQuiet()
            let entry = try await again.join("back", after: position)
            #expect(entry.messages.map(\.content) == ["while away 0", "while away 1", "welcome back"])
            #expect(!entry.isTruncated)
            #expect(entry.members == 3)
            try await again.say("thanks")
            for watcher in watchers {
                try await watcher.hears("thanks", from: "alice", in: "back")
                try await watcher.isQuiet()
            }
            try await again.isQuiet()
            try await again.close()
            try await watchers[0].seesLeft("alice", "back", members: 2)
            try await watchers[1].seesLeft("alice", "back", members: 2)
            for watcher in watchers { try await watcher.close() }
        }

        @Test("Taken over while the old connection still lives: that one is closed with 4001", arguments: [0, 1])
        func takeover(instance: Int) async throws {
            let (cluster, alice, watchers) = try await scene("over")
            let again = try await cluster[instance].v2("alice", room: "elsewhere", session: alice.secret)
            #expect(try await alice.closed().code == 4001)
            #expect(again.welcome.rooms == ["over"])
            try await again.join("over", history: 0)
            // And over again, by a third and a fourth at once; one of them stays. The other may have been welcomed or not.
            async let third = cluster[0].v2Socket("alice", session: alice.secret)
            async let fourth = cluster[1].v2Socket("alice", session: alice.secret)
            let rivals = try await [third, fourth]
            #expect(try await again.closed().code == 4001)
            try await eventually("one of the two to be closed") { rivals.count { $0.isConnected } == 1 }
            let loser = try #require(rivals.first { !$0.isConnected })
            #expect(try await loser.closed().code == 4001)
            let winner = try #require(rivals.first { $0.isConnected })
            let first = try await V2Frame(json: winner.next().bytes)
            guard case .welcome(let welcome) = first.event else { throw Unexpected("\(first)") }
            let last = V2Client(socket: winner, welcome: welcome)
            try await last.join("over", history: 0)
            try await last.say("it is me")
            for watcher in watchers {
                try await watcher.hears("it is me", from: "alice", in: "over")
                try await watcher.isQuiet()
            }
            try await last.close()
            for watcher in watchers { try await watcher.seesLeft("alice", "over", members: 2) }
            for watcher in watchers { try await watcher.close() }
        }

        @Test("Several rooms are kept, and what is pending is settled by their resume; resending it is a duplicate")
        func pending() async throws {
            let (cluster, alice, watchers) = try await scene("one")
            var entries: [String: V2Entry] = [:]
            for room in ["two", "three"] { entries[room] = try await alice.join(room, history: 0, stay: true) }
            entries["one"] = try await alice.join("one", history: 0, stay: true)
            for index in 0..<3 {
                for room in ["one", "two", "three"] {
                    alice.send(.chatMessage(content: "pending \(index)", room: room, id: "\(room)-\(index)"))
                }
            }
            for watcher in watchers {
                for index in 0..<3 { try await watcher.hears("pending \(index)", from: "alice", in: "one") }
            }
            // What was acknowledged meanwhile never came to be read.
            try await alice.cut()
            let again = try await cluster[1].v2("alice", session: alice.secret)
            #expect(Set(again.welcome.rooms) == ["one", "two", "three"])
            for room in ["two", "three", "one"] {
                let start = try #require(entries[room]).position
                let entry = try await again.join(room, after: start, stay: true)
                #expect(entry.messages.map(\.id) == (0..<3).map { "\(room)-\($0)" })
                for message in entry.messages {
                    let ack = try await again.say("pending", in: room, id: message.id)
                    #expect(ack.isDuplicate)
                    #expect(ack.sequence == message.sequence)
                    #expect(ack.timestamp == message.timestamp)
                }
            }
            for watcher in watchers { try await watcher.isQuiet() }
            try await again.close()
            for watcher in watchers { try await watcher.seesLeft("alice", "one", members: 2) }
            for watcher in watchers { try await watcher.close() }
        }

        @Test("Its instance killed, and back on the other one at once: no notices, no losses, and the name stays")
        func killed() async throws {
            try await withCluster(instances: 3, ["grace_seconds": 3]) { cluster in
                let watcher = try await cluster[1].enterV2("watcher", "dev")
                var clients: [V2Client] = []
                var positions: [V2Position] = []
                for index in 0..<6 {
                    let client = try await cluster[0].v2("user\(index)", room: "dev")
                    try await watcher.seesJoined("user\(index)", "dev", members: index + 2)
                    positions.append(try await client.join("dev", history: 0).position)
                    clients.append(client)
                }
                let loner = try await cluster[0].v2("loner", room: "dev")
                try await watcher.seesJoined("loner", "dev", members: 8)
                await cluster[0].kill9()
                try await watcher.say("where are you?")
                for (index, client) in clients.enumerated() {
                    let again = try await cluster[1 + index % 2].v2(client.name, session: client.secret)
                    #expect(again.welcome.rooms == ["dev"])
                    let entry = try await again.join("dev", after: positions[index])
                    #expect(entry.messages.map(\.content) == ["where are you?"])
                    #expect(entry.members == 8)
                    clients[index] = again
                }
                // Only who did not come back is taken out, once, after the grace.
                try await watcher.seesLeft("loner", "dev", members: 7, within: .seconds(15))
                for client in clients { try await client.seesLeft("loner", "dev", members: 7) }
                try await watcher.isQuiet()
                for client in clients { try await client.isQuiet() }
                try await cluster.lists(["dev": 7])
                _ = loner
            }
        }

        @Test("Only the right secret brings a name back; after the grace it is anybody's, and both changes are told")
        func grace() async throws {
            let (cluster, alice, watchers) = try await scene("gone")
            let wrong = String(alice.secret.reversed())
            for isCut in [false, true] {
                if isCut { try await alice.cut() }
                for instance in cluster.instances {
                    let twin = try await instance.v2Socket("alice", session: wrong)
                    #expect(try await twin.next().text.contains(#""code":"username_taken""#))
                    #expect(try await twin.closed().code == 4001)
                }
            }
            #expect(try await cluster[1].rooms() == [.init(name: "gone", members: 3)])
            for watcher in watchers { try await watcher.seesLeft("alice", "gone", members: 2, within: .seconds(15)) }
            // An old secret on a free name claims it like any other.
            let again = try await cluster[1].v2("alice", room: "gone", session: alice.secret)
            for watcher in watchers { try await watcher.seesJoined("alice", "gone", members: 3) }
            #expect(again.secret != alice.secret)
            try await again.close()
            for watcher in watchers { try await watcher.seesLeft("alice", "gone", members: 2) }
            for watcher in watchers { try await watcher.isQuiet() }
            for watcher in watchers { try await watcher.close() }
        }
    }
}
