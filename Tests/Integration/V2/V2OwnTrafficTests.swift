import Testing
import Wire

extension Integration {
    @Suite(
        "chat.v2 requests between one's own messages", .serialized,
        .cluster(instances: 2, ["retention_messages_per_room": 10_000]))
    struct V2OwnTraffic {
        @Test("Who rejoins, looks up history and changes rooms in a burst of their own gets each ack once, in order")
        func burst() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let talker = V2Talker(try await cluster[1].enterV2("talker", "own"), in: "own", every: .milliseconds(3))
            let alice = try await cluster[0].v2("alice", room: "own")
            let start = try await alice.join("own", history: 0).position
            var messages: [String] = []
            var requests: [String] = []
            for number in 0..<300 {
                let id = "own \(number)"
                messages.append(alice.send(.chatMessage(content: id, room: "own", id: id), ref: id))
                switch number % 12 {
                case 3: requests.append(alice.send(.joinRoom(V2Join(room: "own", resume: start, stay: true))))
                case 5: requests.append(alice.send(.joinRoom(V2Join(room: "side", history: 0, stay: true))))
                case 7: requests.append(alice.send(.history(room: "own", .latest, limit: 3)))
                case 9: requests.append(alice.send(.leaveRoom("side")))
                case 11: requests.append(alice.send(.inbox(resume: nil, limit: nil)))
                default: break
                }
            }
            try await eventually("all answers", equals: messages.count + requests.count, within: .seconds(20)) {
                alice.frames.count { $0.ref != nil } - 1
            }
            let acknowledged = try await talker.settle()
            let replies = alice.frames.compactMap(\.ref).dropFirst()
            #expect(replies.filter(Set(messages).contains) == messages)
            #expect(replies.filter(Set(requests).contains) == requests)
            #expect(alice.replies.count { $0.isAck } == messages.count)
            // Its last resume and what came after it hold everything, once.
            let frames = alice.frames
            let last = try #require(
                frames.lastIndex { if case .joined("own", _, _, _) = $0.event { true } else { false } })
            try await eventually("the last of both") {
                let ids = RoomView(of: "own", in: Array(alice.frames[last...]), after: start.after).ids
                return ids.contains(acknowledged.last ?? "") && ids.contains(messages.last ?? "")
            }
            let view = RoomView(of: "own", in: Array(alice.frames[last...]), after: start.after)
            #expect(view.faults == [])
            let order = talker.client.view(of: "own").messages.filter { $0.sequence > start.after }
            #expect(view.messages == order)
            try await alice.close()
            try await talker.client.close()
        }
    }
}
