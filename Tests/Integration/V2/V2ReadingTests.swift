import Testing
import Wire

extension Integration {
    @Suite(
        "chat.v2 reading, two instances", .serialized, .cluster(instances: 2, ["retention_messages_per_room": 10_000]))
    struct ClusteredV2Reading {
        @Test("Joining and resuming under traffic: no gap and no repeat")
        func seamless() async throws { try await joinUnderTraffic(on: .current) }

        @Test("How much history a join shows, and what it says where it cannot resume")
        func history() async throws { try await joinManners(on: .current) }

        @Test("Long histories and long messages come in pages of at most 100 messages and 256 KiB")
        func pages() async throws { try await pagedResume(on: .current) }
    }

    /// So that almost everything is read from the log.
    @Suite(
        "chat.v2 reading, two instances that remember little", .serialized,
        .cluster(instances: 2, ["retention_messages_per_room": 10_000, "history_memory_bytes": 0]))
    struct ForgetfulV2Reading {
        @Test("Joining and resuming under traffic: no gap and no repeat")
        func seamless() async throws { try await joinUnderTraffic(on: .current) }

        @Test("Long histories and long messages come in pages of at most 100 messages and 256 KiB")
        func pages() async throws { try await pagedResume(on: .current) }
    }

    @Suite("chat.v2 reading, embedded", .serialized, .embedded)
    struct EmbeddedV2Reading {
        @Test("Joining and resuming under traffic: no gap and no repeat")
        func seamless() async throws { try await joinUnderTraffic(on: .current) }

        @Test("How much history a join shows, and what it says where it cannot resume")
        func history() async throws { try await joinManners(on: .current) }

        @Test("Long histories and long messages come in pages of at most 100 messages and 256 KiB")
        func pages() async throws { try await pagedResume(on: .current) }
    }
}

/// Clients that come, go and come back, on any instance, while two others talk: each must see a stretch of the room's order.
private func joinUnderTraffic(on cluster: Cluster) async throws {
    try await cluster.vacate()
    let watcher = try await cluster[0].enterV2("watcher", "busy")
    var talkers: [V2Talker] = []
    for index in 0..<2 {
        talkers.append(V2Talker(try await cluster[index].enterV2("talker\(index)", "busy"), in: "busy"))
    }
    _ = try await watcher.first("traffic") { if case .chatMessage = $0.event { true } else { false } }

    let visits = try await withThrowingTaskGroup(of: [Visit].self) { group in
        for index in 0..<12 {
            group.addTask { try await visit(index, of: "busy", on: cluster) }
        }
        return try await group.reduce(into: []) { $0 += $1 }
    }
    var acknowledged: Set<String> = []
    for talker in talkers { acknowledged.formUnion(try await talker.settle()) }
    try await eventually("the watcher to see all") { watcher.view(of: "busy").messages.count >= acknowledged.count }

    let truth = watcher.view(of: "busy")
    #expect(truth.faults == [])
    #expect(Set(truth.ids) == acknowledged)
    for talker in talkers {
        #expect(talker.client.view(of: "busy").faults == [])
    }
    let order = truth.sequences
    for visit in visits { visit.check(against: order) }
    for client in talkers.map(\.client) + [watcher] { try await client.close() }
}

/// What one connection saw between joining a room and leaving it.
private struct Visit: Sendable {
    let name: String
    let history: Int?
    /// Where it resumed; nil for one that came anew.
    let after: UInt64?
    let entry: V2Entry
    let view: RoomView

    func check(against order: [UInt64]) {
        #expect(view.faults == [], "\(name)")
        #expect(!view.isTruncated, "\(name)")
        let seen = view.sequences
        guard let first = seen.first, let last = seen.last else { return }
        #expect(seen == order.filter { (first...last).contains($0) }, "\(name) sees all of a stretch")
        if let after {
            #expect(first == order.first { $0 > after }, "\(name) goes on where it stopped")
        } else {
            let before = order.count { $0 < first }
            let shown = order.count { $0 >= first && $0 <= entry.lastSequence }
            #expect(shown == min(history ?? 50, before + shown), "\(name) asked for \(history ?? 50)")
        }
    }
}

private func visit(_ index: Int, of room: String, on cluster: Cluster) async throws -> [Visit] {
    var visits: [Visit] = []
    var position: V2Position?
    for round in 0..<6 {
        let name = "visitor\(index).\(round)"
        let client = try await cluster[index + round].v2(name, room: "hall")
        let history = [nil, 0, 100, 1][round % 4]
        let after = round % 2 == 1 ? position : nil
        let ref = client.send(.joinRoom(V2Join(room: room, resume: after, history: history)))
        _ = try await client.first("to have joined") { $0.ref == ref }
        // Some live messages, and a request in between.
        let goal = 2 + (index + round) % 5
        for _ in 0..<goal {
            _ = try await client.first("a live message") { if case .chatMessage = $0.event { true } else { false } }
        }
        let leave = client.send(.leaveRoom(room))
        _ = try await client.first("to have left") { $0.ref == leave }
        let frames = client.frames
        let end = try #require(frames.firstIndex { $0.ref == leave })
        guard case .joined(_, let members, let lastSequence, let epoch)? = frames.first(where: { $0.ref == ref })?.event
        else { throw Unexpected("\(name) was to join") }
        let view = RoomView(of: room, in: Array(frames[..<end]), after: after?.after ?? 0)
        visits.append(
            Visit(
                name: name, history: history, after: after?.after,
                entry: V2Entry(members: members, lastSequence: lastSequence, epoch: epoch), view: view))
        // Nothing of a room comes after one has left it.
        try await client.close()
        let rest = RoomView(of: room, in: Array(client.frames[(end + 1)...]))
        #expect(rest.messages.isEmpty, "\(name) after it left")
        position = view.messages.last.map { V2Position(after: $0.sequence, epoch: epoch) }
    }
    return visits
}

private func joinManners(on cluster: Cluster) async throws {
    try await cluster.vacate()
    let alice = try await cluster[0].enterV2("alice", "manners")
    var sequences: [UInt64] = []
    for number in 0..<120 { sequences.append(try #require(try await alice.say("\(number)").sequence)) }
    let head = try #require(sequences.last)
    let bob = try await cluster[1].v2("bob", room: "manners")
    try await alice.seesJoined("bob", "manners", members: 2)

    for (history, count) in [(nil, 50), (0, 0), (1, 1), (50, 50), (100, 100)] as [(Int?, Int)] {
        let entry = try await bob.join("manners", history: history)
        #expect(entry.messages.map(\.sequence) == sequences.suffix(count))
        #expect(entry.historyFrames == 1)
        #expect(entry.more)
        #expect(!entry.isTruncated)
        #expect(entry.members == 2)
        #expect(entry.lastSequence == head)
    }
    let epoch = try await bob.join("manners").epoch
    // `history` is ignored with `after`.
    let resumed = try await bob.join("manners", after: .init(after: sequences[9], epoch: epoch), history: 0)
    #expect(resumed.messages.map(\.sequence) == Array(sequences[10...]))
    #expect(resumed.historyFrames == 2)
    #expect(!resumed.isTruncated)
    let upToDate = try await bob.join("manners", after: .init(after: head, epoch: epoch))
    #expect(upToDate.messages.isEmpty)
    #expect(!upToDate.isTruncated && !upToDate.more)
    for position in [
        V2Position(after: sequences[9], epoch: "another"), .init(after: sequences[9], epoch: nil),
        .init(after: head + 1, epoch: epoch), .init(after: .max, epoch: epoch), .init(after: head, epoch: ""),
    ] {
        let entry = try await bob.join("manners", after: position)
        #expect(entry.isTruncated, "\(position)")
        #expect(entry.messages.map(\.sequence) == sequences.suffix(50), "\(position)")
        #expect(entry.epoch == epoch)
    }
    // Whatever it was, live messages follow, once.
    try await alice.say("live")
    try await bob.hears("live", from: "alice", in: "manners")
    try await bob.isQuiet()

    // Page by page to both ends.
    var older: [UInt64] = []
    var before = head + 1
    while true {
        let page = try await bob.history("manners", .before(before), limit: 33)
        older = page.messages.map(\.sequence) + older
        guard page.more, let first = page.messages.first else { break }
        before = first.sequence
    }
    #expect(older == sequences)
    var newer: [UInt64] = []
    while true {
        let page = try await bob.history("manners", .after(newer.last ?? sequences[0]), limit: 33)
        newer += page.messages.map(\.sequence)
        if !page.more { break }
    }
    #expect(newer.dropLast() == sequences.dropFirst())
    try await alice.close()
    try await bob.close()
}

private func pagedResume(on cluster: Cluster) async throws {
    try await cluster.vacate()
    let alice = try await cluster[0].enterV2("alice", "long")
    let start = try await alice.join("long", history: 0).position
    let filler = String(repeating: "x", count: 16_000)
    var sent: [UInt64] = []
    for number in 0..<30 { sent.append(try #require(try await alice.say("\(number) \(filler)").sequence)) }
    for number in 0..<250 { sent.append(try #require(try await alice.say("\(number)").sequence)) }
    let bob = try await cluster[1].v2("bob", room: "long")
    let entry = try await bob.join("long", after: start)
    #expect(entry.messages.map(\.sequence) == sent)
    #expect(!entry.isTruncated || cluster.backing != nil, "where the room was empty the log may not prove it")
    for frame in bob.frames {
        guard case .history(let history) = frame.event else { continue }
        #expect(history.messages.count <= 100)
        #expect(history.messages.reduce(0) { $0 + $1.content.utf8.count } <= 256 << 10)
    }
    try await bob.isQuiet()
    try await alice.close()
    try await bob.close()
}
