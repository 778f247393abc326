import Testing
import Wire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    @Suite("chat.v2 and a server that drains", .serialized)
    struct V2Drain {
        @Test("Everyone is told when to come back, and goes on elsewhere: no notices, no losses")
        func drained() async throws {
            try await withCluster(["grace_seconds": 5]) { cluster in
                let watcher = try await cluster[1].enterV2("watcher", "dev")
                var clients: [V2Client] = []
                var positions: [V2Position] = []
                for index in 0..<20 {
                    let client = try await cluster[0].v2("user\(index)", room: "dev")
                    try await watcher.seesJoined("user\(index)", "dev", members: index + 2)
                    positions.append(try await client.join("dev", history: 0).position)
                    clients.append(client)
                }
                let talker = V2Talker(try await cluster[1].enterV2("talker", "dev"), in: "dev")
                for client in clients {
                    _ = try await client.first("traffic") { if case .chatMessage = $0.event { true } else { false } }
                }
                cluster[0].signal(SIGTERM)
                try await eventually("new ones to be refused") {
                    do {
                        try await cluster[0].v2Socket("latecomer").drop()
                        return false
                    } catch let refused as UpgradeRefused {
                        #expect(refused.answer.status == 503)
                        #expect(refused.answer["retry-after"] != nil)
                        return true
                    }
                }
                var again: [V2Client] = []
                for (index, client) in clients.enumerated() {
                    let frame = try await client.first("to be sent away") {
                        if case .reconnect = $0.event { true } else { false }
                    }
                    guard case .reconnect(let reason, let delay) = frame.event else { throw Unexpected("\(frame)") }
                    #expect(!reason.isEmpty && (0...2_000).contains(delay))
                    // Half of them wait for the end, the others go as soon as they are told.
                    if index % 2 == 0 { #expect(try await client.closed().code == 1012) }
                    let seen = client.view(of: "dev")
                    #expect(seen.faults == [])
                    positions[index].after = try #require(seen.sequences.last)
                    let next = try await cluster[1].v2(client.name, session: client.secret)
                    #expect(next.welcome.rooms == ["dev"])
                    next.send(.joinRoom(V2Join(room: "dev", resume: positions[index])))
                    again.append(next)
                }
                #expect(try await cluster[0].exit() == .exited(0))
                let acknowledged = try await talker.settle()
                let order = talker.client.view(of: "dev").sequences
                #expect(order.count == acknowledged.count)
                for (index, client) in again.enumerated() {
                    _ = try await client.first("the last message") { $0.isLast(acknowledged.last ?? "") }
                    let view = client.view(of: "dev", after: positions[index].after)
                    #expect(view.faults == [] && !view.isTruncated)
                    #expect(view.sequences == order.filter { $0 > positions[index].after }, "\(client.name)")
                }
                // Nobody came or went, as far as anyone could see.
                _ = try await watcher.first("the last message") { $0.isLast(acknowledged.last ?? "") }
                try await watcher.isQuiet()
                let notices = watcher.frames.count { $0.event.isNotice }
                #expect(notices == 21, "each of the twenty came once, and the talker")
                for client in again { #expect(client.frames.allSatisfy { !$0.event.isNotice }) }
                try await cluster.lists(["dev": 22])
            }
        }
    }
}

extension V2Event {
    /// Whether it tells that somebody came or went.
    var isNotice: Bool {
        switch self {
        case .userJoined, .userLeft, .roomMembers: true
        default: false
        }
    }
}

extension V2Frame {
    /// Whether it shows that message, live or at the end of a history.
    fileprivate func isLast(_ id: String) -> Bool {
        if case .history(let history) = event { history.messages.last?.id == id } else { shows(id: id) }
    }
}
