import Testing
import Wire

extension Integration {
    @Suite("chat.v2 beside other dialects", .serialized, .cluster(instances: 2))
    struct V2Mixed {
        @Test("Classic and chat.v2 clients in one room, on both instances, hear each other, each in its own words")
        func dialects() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let modern = try await cluster[0].enterV2("modern", "mixed")
            let classic = try await cluster[1].enter("classic", room: "mixed")
            try await modern.seesJoined("classic", "mixed", members: 2)
            let near = try await cluster[0].enter("near", room: "mixed")
            try await modern.seesJoined("near", "mixed", members: 3)
            try await classic.hears(notice: "near joined the room mixed")

            try await modern.say("from v2")
            for listener in [classic, near] { #expect(try await listener.next().said == "from v2") }
            classic.say("from classic")
            let heard = try await modern.hears("from classic", from: "classic", in: "mixed")
            #expect(heard.id.count == 32)
            #expect(try await near.next().said == "from classic")
            near.say("from near")
            try await modern.hears("from near", from: "near", in: "mixed")
            #expect(try await classic.next().said == "from near")

            // Typing and private messages mean nothing to the classic dialect.
            modern.send(.typing(isTyping: true, room: nil))
            try await modern.tell("near", "psst")
            try await modern.join("other", history: 0, stay: true)
            try await modern.join("other", history: 0)
            for listener in [classic, near] {
                try await listener.hears(notice: "modern left the room")
                try await listener.isQuiet()
            }
            #expect(try await modern.join("mixed").messages.map(\.content) == ["from v2", "from classic", "from near"])
            for listener in [classic, near] { try await listener.hears(notice: "modern joined the room mixed") }
            #expect(try await classic.users(in: "mixed") == ["classic", "modern", "near"])
            try await near.close()
            try await modern.seesLeft("near", "mixed", members: 2)
            try await classic.hears(notice: "near left the room")
            try await modern.close()
            try await classic.hears(notice: "modern left the room")
            try await classic.close()
        }

        @Test("An original server on the same NATS: its messages get an id and a time, its notices stay out of chat.v2")
        func original() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let peer = try await NATSPeer.connect(port: try #require(cluster.backing).nats.port)
            let heard = try await peer.subscribe("chat.room.burrow")
            var clients: [V2Client] = []
            for index in 0..<2 { clients.append(try await cluster[index].enterV2("user\(index)", "burrow")) }
            try await clients[0].seesJoined("user1", "burrow", members: 2)
            let classic = try await cluster[0].enter("classic", room: "burrow")
            for client in clients { try await client.seesJoined("classic", "burrow", members: 3) }
            let epoch = try await clients[0].history("burrow").epoch

            for text in ["gopher joined the room burrow", "gopher left the room"] {
                peer.publish("chat.room.burrow", #"{"type":"system_message","content":"\#(text)","room":"burrow"}"#)
                peer.publish(
                    "chat.room.burrow",
                    #"{"type":"chat_message","sender":"gopher","content":"after \#(text)","timestamp":"2024-02-29 12:34:56","room":"burrow"}"#
                )
            }
            // No message of the chat: passed over.
            for payload in ["", "{", #"{"type":"dance"}"#, #"{"type":"chat_message"}"#] {
                peer.publish("chat.room.burrow", payload)
            }
            var last: UInt64 = 0
            for client in clients {
                for text in ["gopher joined the room burrow", "gopher left the room"] {
                    let message = try await client.hears("after \(text)", from: "gopher", in: "burrow")
                    #expect(message.id == "seq-\(epoch)-\(message.sequence)")
                    #expect(message.timestamp == "2024-02-29T12:34:56.000Z")
                    last = message.sequence
                }
                try await client.isQuiet()
                let history = try await client.history("burrow")
                #expect(
                    history.messages.map(\.content) == [
                        "after gopher joined the room burrow", "after gopher left the room",
                    ])
                #expect(history.messages.last?.id == "seq-\(epoch)-\(last)")
            }
            try await classic.hears(notice: "gopher joined the room burrow")
            #expect(try await classic.next().said == "after gopher joined the room burrow")
            try await classic.hears(notice: "gopher left the room")
            #expect(try await classic.next().said == "after gopher left the room")

            // Resuming passes over the notices, too, and ends live.
            let position = V2Position(after: last, epoch: epoch)
            peer.publish(
                "chat.room.burrow", #"{"type":"system_message","content":"x joined the room burrow","room":"burrow"}"#)
            try await classic.hears(notice: "x joined the room burrow")
            let entry = try await clients[1].join("burrow", after: position)
            #expect(entry.messages.isEmpty && !entry.isTruncated)
            let ack = try await clients[1].say("hello \"Go\"", id: "own id")
            let ours = try await heard.first("our message") { $0.payload.contains(Array("hello".utf8)) }
            let frame = try #require(ClassicFrame(ours.payload))
            #expect(frame.id == "own id" && frame.at == ack.timestamp && frame.sender == "user1")
            #expect(ours.headers.contains("Nats-Msg-Id: user1.burrow.own%20id\r\n"), "\(ours.headers)")
            try await clients[0].hears("hello \"Go\"", from: "user1", in: "burrow")
            for client in clients { try await client.close() }
            try await classic.close()
            await peer.close()
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool { firstRange(of: other) != nil }
}
