import Testing
import Wire

extension Integration {
    @Suite("chat.v2 on an instance that is cut off from NATS", .serialized)
    struct V2Partitions {
        @Test(
            "Its readers miss nothing, and who comes from another instance having seen more misses and repeats nothing")
        func cut() async throws {
            try await withFarInstance(["append_timeout_seconds": 1]) { cluster, far, cable, _ in
                let stayer = try await far.enterV2("stayer", "dev")
                let alice = try await cluster[0].enterV2("alice", "dev")
                let talker = V2Talker(try await cluster[0].enterV2("talker", "dev"), in: "dev")
                _ = try await stayer.first("traffic") { $0.shows(id: "talker/10") }
                await cable.cut()
                try await eventually("the far instance not to be ready", equals: 503) { try await far.readiness() }
                let mark = talker.client.replies.count
                _ = try await alice.first("traffic") { $0.shows(id: "talker/\(mark + 30)") }
                // Alice has seen what the far instance has not.
                let before = alice.view(of: "dev")
                let position = V2Position(
                    after: try #require(before.sequences.last), epoch: alice.epoch(of: "dev"))
                try await alice.cut()
                let seen = RoomView(of: "dev", in: alice.frames).sequences.last ?? 0
                let again = try await far.v2("alice", session: alice.secret)
                let resume = V2Position(after: seen, epoch: position.epoch)
                // Refused while it cannot be answered, never answered wrongly.
                let early = again.send(.joinRoom(V2Join(room: "dev", resume: resume)))
                let refused = try await again.first("an answer", within: .seconds(15)) { $0.ref == early }
                guard case .error("unavailable", _, _) = refused.event else { throw Unexpected("\(refused)") }
                try await again.isRefused(
                    "unavailable", ref: again.send(.chatMessage(content: "x", room: nil, id: "refused")))
                try await cable.mend()
                try await eventually("to be answered", within: .seconds(15), every: .milliseconds(100)) {
                    let ref = again.send(.joinRoom(V2Join(room: "dev", resume: resume)))
                    let answer = try await again.first("an answer", within: .seconds(15)) { $0.ref == ref }
                    if case .joined = answer.event { return true } else { return false }
                }
                let goal = talker.client.replies.count + 30
                _ = try await again.first("live messages") { $0.shows(id: "talker/\(goal)") }
                let acknowledged = try await talker.settle()
                let last = try #require(acknowledged.last)
                let order = talker.client.view(of: "dev").sequences
                for (client, start) in [(stayer, 0), (again, seen)] {
                    try await eventually("\(client.name) to have seen the last", equals: last) {
                        client.view(of: "dev", after: start).ids.last ?? ""
                    }
                    let view = client.view(of: "dev", after: start)
                    #expect(view.faults == [] && view.gaps.isEmpty, "\(client.name)")
                    #expect(view.sequences == order.filter { $0 > start }, "\(client.name)")
                }
                #expect(!again.view(of: "dev", after: seen).isTruncated)
                await far.dropClients()
            }
        }
    }
}

extension V2Client {
    /// The incarnation of the log in which it reads a room.
    fileprivate func epoch(of room: String) -> String? {
        for frame in frames {
            if case .joined(room, _, _, let epoch) = frame.event { return epoch }
        }
        return nil
    }
}
