import Testing

@testable import TestSupport

extension Integration {
    @Suite("Random membership", .serialized)
    struct RandomMembership {
        private static let rooms = ["global", "dev", "ops", "a.b", "*", ">", "日本語", "last"]

        /// One client's life: in and out of rooms, gone and back, on either instance.
        ///
        /// - Returns: the client, where it is connected at the end, and its room.
        private func live(
            _ name: String, _ cluster: Cluster, seed: UInt64
        ) async throws -> (client: WebSocketClient, room: String)? {
            var random = SeededGenerator(seed: seed)
            var room = Self.rooms.randomElement(using: &random) ?? "global"
            var client: WebSocketClient? = try await enter(name, cluster, room, &random)
            for _ in 0..<12 {
                guard let present = client else {
                    room = Self.rooms.randomElement(using: &random) ?? "global"
                    client = try await enter(name, cluster, room, &random)
                    continue
                }
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<4:
                    room = try await move(present, from: room, to: Self.rooms.randomElement(using: &random) ?? room)
                case 4:
                    // Several at once, without waiting in between.
                    for next in Self.rooms.shuffled(using: &random).prefix(3) where next != room {
                        present.join(next)
                        room = next
                    }
                    try await present.hearsSooner(notice: "\(name) joined the room \(room)")
                case 5 where room != "global":
                    present.leaveRoom()
                    room = "global"
                    try await present.hearsSooner(notice: "\(name) joined the room global")
                case 6: present.say("a word from \(name)")
                case 7:
                    try await present.close()
                    client = nil
                case 8:
                    if Bool.random(using: &random) { try await present.reset() } else { await present.drop() }
                    client = nil
                default: _ = try await present.rooms()
                }
            }
            return client.map { ($0, room) }
        }

        private func move(_ client: WebSocketClient, from old: String, to new: String) async throws -> String {
            guard new != old else { return old }
            client.join(new)
            try await client.hearsSooner(notice: "\(client.name) joined the room \(new)")
            return new
        }

        /// Comes back until the server has noticed that the connection before is gone.
        private func enter(
            _ name: String, _ cluster: Cluster, _ room: String, _ random: inout SeededGenerator
        ) async throws -> WebSocketClient {
            let index = Int.random(in: 0..<cluster.instances.count, using: &random)
            let deadline = ContinuousClock.now + .seconds(15)
            while true {
                let client = try await cluster[index].client(name, room: room)
                let first = try await client.next(within: .seconds(20))
                if first == .notice("\(name) joined the room \(room)") { return client }
                guard first == .notice("username already exists"), ContinuousClock.now < deadline else {
                    throw TimedOut("\(name) to enter \(room)", after: .seconds(15), seen: "\(first)")
                }
                await client.drop()
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        @Test(
            "200 clients in and out of rooms at random leave lists that agree with the truth",
            arguments: [1, 20_240_229] as [UInt64])
        func agreement(_ seed: UInt64) async throws {
            try await withCluster { cluster in
                let backing = try #require(cluster.backing)
                var present: [(client: WebSocketClient, room: String)] = []
                try await withThrowingTaskGroup(of: (client: WebSocketClient, room: String)?.self) { group in
                    for index in 0..<200 {
                        group.addTask { try await live("user\(index)", cluster, seed: seed &* 1_000 &+ UInt64(index)) }
                    }
                    for try await survivor in group { survivor.map { present.append($0) } }
                }
                let redis = try await RedisPeer.connect(port: backing.redis.port)
                let members = Dictionary(grouping: present, by: \.room).mapValues { $0.map(\.client.name).sorted() }
                let everyone = present.map(\.client.name).sorted()
                #expect(everyone.count > 50)

                try await eventually("active_users", equals: everyone) { try await redis.members("active_users") }
                #expect(try await redis.members("all_rooms") == members.keys.sorted())
                for room in Self.rooms {
                    #expect(try await redis.members("room:\(room)") == members[room] ?? [], "room:\(room)")
                }
                for instance in cluster.instances {
                    let witness = try await instance.enter("witness", room: "tower")
                    #expect(try await witness.users() == (everyone + ["witness"]).sorted())
                    #expect(try await witness.rooms() == (members.keys + ["tower"]).sorted())
                    for room in Self.rooms { #expect(try await witness.users(in: room) == members[room] ?? []) }
                    try await witness.close()
                    // The close is answered before the name is free.
                    try await eventually("the witness to be gone", equals: everyone) {
                        try await redis.members("active_users")
                    }
                }
                // Everyone in a room hears everyone else there, on whichever instance.
                for (room, names) in members {
                    let inside = present.filter { $0.room == room }.map(\.client)
                    guard let speaker = inside.first else { continue }
                    speaker.say("roll call in \(room)")
                    for listener in inside.dropFirst() { try await listener.hearsSooner(said: "roll call in \(room)") }
                    #expect(inside.count == names.count)
                }
                for (client, _) in present { client.send(.close(1000)) }
                try await cluster.isEmpty()
                for key in ["active_users", "all_rooms"] + Self.rooms.map({ "room:\($0)" }) {
                    #expect(try await redis.command("EXISTS", key) == .integer(0), "\(key)")
                }
                for room in ["global", "dev", "a%2Eb", "%2A", "%3E", "日本語"] {
                    try await eventually("no subscription for \(room)", equals: []) {
                        try await backing.nats.subscriptions(on: "chat.live.\(room)")
                    }
                }
            }
        }
    }
}
