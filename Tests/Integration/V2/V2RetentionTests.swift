import Testing
import Wire

extension Integration {
    @Suite("chat.v2 and a log that forgets", .serialized, .cluster(instances: 2, ["retention_messages_per_room": 20]))
    struct V2Retention {
        @Test("Who was away for longer than the log remembers is told so, gets all that is left, and goes on")
        func away() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice", "short")
            let bob = try await cluster[1].enterV2("bob", "short")
            try await alice.seesJoined("bob", "short", members: 2)
            try await alice.say("seen")
            let seen = try await bob.hears("seen", from: "alice", in: "short")
            let position = V2Position(after: seen.sequence, epoch: try await bob.history("short").epoch)
            try await bob.cut()
            var sent: [UInt64] = []
            for number in 0..<15 { sent.append(try #require(try await alice.say("\(number)").sequence)) }
            let soon = try await cluster[1].v2("bob", session: bob.secret)
            let complete = try await soon.join("short", after: position)
            #expect(complete.messages.map(\.sequence) == sent)
            #expect(!complete.isTruncated)
            try await soon.cut()
            for number in 15..<100 { sent.append(try #require(try await alice.say("\(number)").sequence)) }
            // The first where nobody reads the room, the other where it is remembered longer than by the log.
            for instance in [1, 0] {
                let late = try await cluster[instance].v2("bob", session: bob.secret)
                let entry = try await late.join("short", after: position)
                #expect(entry.isTruncated == (instance == 1))
                #expect(entry.messages.map(\.sequence) == (entry.isTruncated ? sent.suffix(20) : sent))
                try await alice.say("live")
                sent.append(try await late.hears("live", from: "alice", in: "short").sequence)
                let upToDate = try await late.join(
                    "short", after: .init(after: try #require(sent.last), epoch: position.epoch))
                #expect(!upToDate.isTruncated && upToDate.messages.isEmpty)
                try await late.isQuiet()
            }
            for client in [alice, try await cluster[1].v2("bob", session: bob.secret)] { try await client.close() }
        }
    }

    @Suite("chat.v2 and another log", .serialized)
    struct V2Epochs {
        @Test(
            "A stream made anew under running instances: everyone is sent away to come back, and nothing old is new",
            arguments: ["CHAT", "INBOX"])
        func deleted(stream: String) async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let peer = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
                var clients: [V2Client] = []
                for index in 0..<6 { clients.append(try await cluster[index].enterV2("user\(index)", "dev")) }
                for number in 0..<5 {
                    clients[0].send(.chatMessage(content: "old \(number)", room: nil, id: "old-\(number)"))
                    clients[1].send(.privateMessage(to: "user0", content: "old \(number)", id: "old-\(number)"))
                }
                for client in clients {
                    _ = try await client.first("the last old message") { $0.shows(id: "old-4") }
                    let ref = client.send(.inbox(resume: nil, limit: nil))
                    _ = try await client.first("the inbox") { $0.ref == ref }
                }
                let last = try await clients[2].history("dev", limit: 1)
                let epochs = (rooms: last.epoch, inboxes: try await clients[2].inbox().epoch)

                let reply = try await peer.request("$JS.API.STREAM.DELETE.\(stream)")
                #expect(reply.contains(#""success":true"#), "\(reply)")
                // A stream that is gone is noticed when something is to be stored in it; that is not, or in the new one.
                clients[0].send(.chatMessage(content: "new", room: nil, id: "lost"), ref: "lost")
                clients[1].send(.privateMessage(to: "user0", content: "new", id: "lost"), ref: "lost")
                for client in clients {
                    let frame = try await client.first("to be sent away", within: .seconds(15)) {
                        if case .reconnect = $0.event { true } else { false }
                    }
                    guard case .reconnect(let reason, let delay) = frame.event else { throw Unexpected("\(frame)") }
                    #expect(!reason.isEmpty && (0...2_000).contains(delay))
                    #expect(try await client.closed().code == 1012)
                }
                for (index, client) in clients.enumerated() {
                    let again = try await cluster[index + 1].v2(client.name, session: client.secret)
                    #expect(again.welcome.rooms == ["dev"])
                    let position = V2Position(after: try #require(last.messages.last).sequence, epoch: epochs.rooms)
                    let entry = try await again.join("dev", after: position)
                    #expect(entry.messages.allSatisfy { $0.content.hasPrefix("new") })
                    #expect(entry.isTruncated == (stream == "CHAT"))
                    #expect((entry.epoch == epochs.rooms) == (stream != "CHAT"))
                    let inbox = try await again.inbox(after: .init(after: 0, epoch: epochs.inboxes))
                    #expect((inbox.epoch == epochs.inboxes) == (stream != "INBOX"))
                    #expect(stream != "INBOX" || inbox.truncated)
                    #expect(stream != "INBOX" || inbox.messages.allSatisfy { $0.content.hasPrefix("new") })
                    try await again.say("new \(index)")
                    for earlier in clients[..<index] {
                        try await earlier.hears("new \(index)", from: client.name, in: "dev")
                    }
                    clients[index] = again
                }
                // An id of the old log is no duplicate in the new one.
                let teller = clients[1]
                let told = try await teller.tell("user0", "again", id: "old-0")
                #expect(told.isDuplicate == (stream == "CHAT"))
                let ref = clients[0].send(.chatMessage(content: "again", room: nil, id: "old-0"))
                let said = try await clients[0].first("an answer") { $0.ref == ref }
                guard case .ack(let ack) = said.event else { throw Unexpected("\(said)") }
                #expect(ack.isDuplicate == (stream == "INBOX"))
                await peer.close()
            }
        }
    }
}

extension V2Frame {
    /// Whether it shows a message with that id, live or in history.
    func shows(id: String) -> Bool {
        switch event {
        case .chatMessage(let message): message.id == id
        case .privateMessage(let message): message.id == id
        case .ack(let ack): ack.id == id
        default: false
        }
    }
}
