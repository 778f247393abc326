import Foundation
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
            // The first where nobody reads the room, the other where its newest messages are in memory.
            for instance in [1, 0] {
                let late = try await cluster[instance].v2("bob", session: bob.secret)
                let entry = try await late.join("short", after: position)
                #expect(entry.isTruncated)
                #expect(entry.messages.map(\.sequence) == sent.suffix(20))
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

    @Suite("chat.v2 and what the log retains", .serialized)
    struct V2Retained {
        /// All that can be read of a room, asked for in pages of `limit` from the newest on.
        private func readable(_ client: V2Client, _ room: String, limit: Int) async throws -> [String] {
            var contents: [String] = []
            var page = try await client.history(room, limit: limit)
            while true {
                contents = page.messages.map(\.content) + contents
                guard page.more, let first = page.messages.first else { return contents }
                page = try await client.history(room, .before(first.sequence), limit: limit)
            }
        }

        @Test(
            "Whoever asks, and whichever instance, gets as many messages as the log retains", arguments: [3, 10, 100])
        func oneAnswer(limit: Int) async throws {
            try await withCluster(instances: 2, ["retention_messages_per_room": 10]) { cluster in
                let alice = try await cluster[0].enterV2("alice", "short")
                for number in 0..<25 { try await alice.say("\(number)") }
                let bob = try await cluster[1].enterV2("bob", "short")
                try await alice.seesJoined("bob", "short", members: 2)
                let kept = (15..<25).map { "\($0)" }
                for client in [alice, bob] { #expect(try await readable(client, "short", limit: limit) == kept) }
            }
        }

        @Test("What an operator removes from the stream is shown by nobody any more, and the room goes on")
        func purged() async throws {
            try await withCluster(instances: 2) { cluster in
                let peer = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
                let alice = try await cluster[0].enterV2("alice", "h")
                let carol = try await cluster[1].enterV2("carol", "other")
                try await carol.say("stays")
                for number in 0..<25 { try await alice.say("\(number)") }
                let bob = try await cluster[1].enterV2("bob", "h")
                try await alice.seesJoined("bob", "h", members: 2)
                for client in [alice, bob] { #expect(try await readable(client, "h", limit: 100).count == 25) }
                // One in the middle, then the room's all.
                let page = try await alice.history("h", limit: 5)
                let removed = try #require(page.messages.first)
                #expect(
                    try await peer.request("$JS.API.STREAM.MSG.DELETE.CHAT", #"{"seq":\#(removed.sequence)}"#)
                        .contains(#""success":true"#))
                for client in [alice, bob] {
                    try await eventually("\(client.name) to see one less") {
                        try await readable(client, "h", limit: 100).count == 24
                    }
                    #expect(try await !readable(client, "h", limit: 100).contains(removed.content))
                }
                #expect(
                    try await peer.request("$JS.API.STREAM.PURGE.CHAT", #"{"filter":"chat.room.h"}"#)
                        .contains(#""success":true"#))
                for client in [alice, bob] {
                    try await eventually("\(client.name) to see nothing") {
                        try await readable(client, "h", limit: 100).isEmpty
                    }
                }
                #expect(try await readable(carol, "other", limit: 100) == ["stays"])
                let dave = try await cluster[0].v2("dave")
                let entry = try await dave.join("h")
                #expect(entry.messages.isEmpty && !entry.more)
                for client in [alice, bob] { try await client.seesJoined("dave", "h", members: 3) }
                try await alice.say("again")
                for client in [bob, dave] { try await client.hears("again", from: "alice", in: "h") }
                #expect(try await readable(dave, "h", limit: 100) == ["again"])
                await peer.close()
            }
        }

        @Test("A server by itself shows before a restart what it shows after it")
        func embedded() async throws {
            let instance = try ChatInstance(
                "embedded-retention", ["retention_messages_per_room": 10, "data_directory": "messages"])
            try await instance.start()
            let alice = try await instance.enterV2("alice", "short")
            for number in 0..<25 { try await alice.say("\(number)") }
            let kept = (15..<25).map { "\($0)" }
            #expect(try await readable(alice, "short", limit: 100) == kept)
            try await alice.close()
            instance.signal(SIGTERM)
            _ = try await instance.exit()
            try await instance.start()
            let bob = try await instance.enterV2("bob", "short")
            #expect(try await readable(bob, "short", limit: 100) == kept)
            await instance.kill9()
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
