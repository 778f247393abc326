import Testing
import Wire

extension Integration {
    @Suite("chat.v2 messages", .serialized, .cluster(instances: 2))
    struct V2Sending {
        @Test("Bursts from both instances: everyone sees one order, acks stand in it, and each sender's order is kept")
        func oneOrder() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            var clients: [V2Client] = []
            for index in 0..<6 { clients.append(try await cluster[index].enterV2("user\(index)", "order")) }
            let count = 150
            let senders = clients[..<4]
            for number in 0..<count {
                for sender in senders {
                    let id = "\(sender.name)/\(number)"
                    sender.send(.chatMessage(content: id, room: "order", id: id), ref: id)
                }
            }
            for client in clients {
                try await eventually("\(client.name) to see all", within: .seconds(20)) {
                    client.socket.texts.all.count { $0.text.contains(#""seq":"#) } >= senders.count * count
                }
            }
            let order = clients[5].view(of: "order").ids
            #expect(order.count == senders.count * count)
            for client in clients {
                let view = client.view(of: "order")
                #expect(view.faults == [], "\(client.name)")
                #expect(view.ids == order, "\(client.name)")
            }
            for sender in senders {
                #expect(order.filter { $0.hasPrefix(sender.name + "/") } == (0..<count).map { "\(sender.name)/\($0)" })
                #expect(sender.replies.map(\.ref) == (0..<count).map { "\(sender.name)/\($0)" })
            }
            for client in clients { try await client.close() }
        }

        @Test("A retry with the same id is stored once: at once, after a while, and on the other instance")
        func duplicates() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let watcher = try await cluster[1].enterV2("watcher", "dup")
            let first = try await cluster[0].enterV2("alice", "dup")
            try await watcher.seesJoined("alice", "dup", members: 2)
            // Both on their way at once: one is new, the other says the same with `duplicate`.
            let refs = ["one", "two", "three"]
            for ref in refs { first.send(.chatMessage(content: "hello", room: nil, id: "same"), ref: ref) }
            var acks: [V2Ack] = []
            for _ in refs {
                let frame = try await first.next()
                guard case .ack(let ack) = frame.event else { throw Unexpected("\(frame)") }
                acks.append(ack)
            }
            #expect(acks.count { !$0.isDuplicate } == 1)
            #expect(Set(acks.map(\.sequence)).count == 1)
            let heard = try await watcher.hears("hello", from: "alice", in: "dup")
            #expect(heard.sequence == acks[0].sequence)
            #expect(acks.filter { !$0.isDuplicate }.map(\.timestamp) == [heard.timestamp])

            let position = V2Position(after: heard.sequence, epoch: try await first.history("dup").epoch)
            try await first.cut()
            let again = try await cluster[1].v2("alice", session: first.secret)
            // Before the room is joined on this connection, and after.
            let early = try await again.say("hello", in: "dup", id: "same")
            try await again.join("dup", after: position)
            let late = try await again.say("hello", in: "dup", id: "same")
            for ack in [early, late] {
                #expect(ack.isDuplicate)
                #expect(ack.sequence == heard.sequence)
            }
            #expect(late.timestamp == heard.timestamp)
            try await watcher.isQuiet()
            #expect(try await again.history("dup").messages.map(\.id) == ["same"])
            try await again.close()
            try await watcher.close()
        }

        @Test("A known id sent again right behind its join_room is a duplicate with the first one's time")
        func duplicateBehindJoin() async throws { try await repeatBehindJoin(on: .current) }

        @Test("Who left a room said before what they said in it, and is heard before their departure is told")
        func lastWords() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let bob = try await cluster[1].enterV2("bob", "exit")
            for round in 0..<20 {
                let name = "alice\(round)"
                let alice = try await cluster[0].v2(name, room: "exit")
                _ = try await bob.first("to see \(name)") { $0.event.isUserJoined(name) }
                alice.send(.chatMessage(content: "bye \(round)", room: nil, id: nil), ref: "bye")
                alice.send(.leaveRoom(nil), ref: "leave")
                let frames = [try await alice.next(), try await alice.next()]
                #expect(frames.map(\.ref) == ["bye", "leave"])
                // Said in the same breath as the goodbye.
                alice.send(.chatMessage(content: "still \(round)", room: "global", id: nil))
                try await alice.close()
            }
            _ = try await bob.first("the last one to leave") { $0.event.isUserLeft("alice19") }
            let frames = bob.frames
            for round in 0..<20 {
                let said = try #require(frames.firstIndex { $0.event.says("bye \(round)") })
                let left = try #require(frames.firstIndex { $0.event.isUserLeft("alice\(round)") })
                #expect(said < left)
            }
            try await eventually("what was said just before a close", equals: (0..<20).map { "still \($0)" }) {
                try await bob.join("global").messages.map(\.content)
            }
            try await bob.close()
        }
    }

    @Suite("chat.v2 messages, embedded", .serialized, .embedded)
    struct EmbeddedV2Sending {
        @Test("A known id sent again right behind its join_room is a duplicate with the first one's time")
        func duplicateBehindJoin() async throws { try await repeatBehindJoin(on: .current) }
    }
}

/// Comes back and says again what was stored, without waiting for the room's history: the log's word and the reading race.
private func repeatBehindJoin(on cluster: Cluster) async throws {
    try await cluster.vacate()
    for round in 0..<20 {
        let room = "eager\(round)"
        let alice = try await cluster[0].enterV2("alice", room)
        let first = try await alice.say("hello", id: "known")
        try await alice.cut()
        let again = try await cluster[round].v2("alice", session: alice.secret)
        let join = again.send(.joinRoom(V2Join(room: room)))
        let retry = again.send(.chatMessage(content: "hello", room: room, id: "known"))
        let end = again.send(.listRooms())
        var frames: [V2Frame] = []
        while !Set([join, retry, end]).isSubset(of: frames.compactMap(\.ref)) { frames.append(try await again.next()) }
        var expected = first
        expected.isDuplicate = true
        #expect(frames.filter { $0.event.type == "ack" } == [V2Frame(.ack(expected), ref: retry)])
        #expect(try await again.history(room).messages.map(\.id) == ["known"])
        try await again.isQuiet()
        try await again.close()
        try await cluster.isEmpty()
    }
}

extension V2Event {
    func isUserJoined(_ name: String) -> Bool {
        if case .userJoined(_, name, _, _) = self { true } else { false }
    }

    func isUserLeft(_ name: String) -> Bool {
        if case .userLeft(_, name, _, _) = self { true } else { false }
    }

    func says(_ content: String) -> Bool {
        if case .chatMessage(let message) = self { message.content == content } else { false }
    }
}
