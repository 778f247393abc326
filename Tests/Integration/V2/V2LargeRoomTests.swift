import Testing
import Wire

extension Integration {
    /// A crowd comes to a room and goes again, over both dialects and both instances, while two look on.
    @Suite("Large rooms", .serialized, .cluster(instances: 2, ["merge_notices_above": 10]))
    struct LargeRooms {
        private static let limit = 10
        private static let crowd = 300
        private static let room = "big"

        @Test("A storm of joins is told to everyone exactly, and in few lines")
        func storm() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let watcher = try await cluster[0].enterV2("watcher", Self.room)
            let onlooker = try await cluster[1].enter("onlooker", room: Self.room)
            try await watcher.seesJoined("onlooker", Self.room, members: 2)
            let began = ContinuousClock.now

            let clients = try await Self.come(to: cluster)
            try await told(watcher, onlooker) { $0.joined == Self.crowd && $0.left == 0 }
            try await eventually("the watcher to know how many they are", equals: Self.crowd + 2) {
                Tally(watcher, Self.room).members
            }
            try await eventually("the onlooker to know how many they are", equals: Self.crowd + 2) {
                Tally(onlooker, Self.room).members
            }

            try await withThrowingTaskGroup { group in
                for client in clients { group.addTask { try await client.close() } }
                try await group.waitForAll()
            }
            try await told(watcher, onlooker) { $0.joined == Self.crowd && $0.left == Self.crowd }

            let intervals = Int((ContinuousClock.now - began).components.seconds) + 2
            for tally in [Tally(watcher, Self.room), Tally(onlooker, Self.room)] {
                #expect(tally.merged <= intervals)
                // By name only those who found the room small, or left it so.
                #expect(tally.named <= 2 * Self.limit)
                #expect(tally.unclear == [])
            }
            #expect(try await watcher.users(in: Self.room) == ["onlooker", "watcher"])
            try await watcher.close()
            await onlooker.drop()
        }

        private static func come(to cluster: Cluster) async throws -> [WebSocketClient] {
            try await withThrowingTaskGroup { group in
                for index in 0..<crowd {
                    group.addTask {
                        index % 4 < 2
                            ? try await cluster[index].enter("user\(index)", room: room)
                            : try await cluster[index].enterV2("user\(index)", room).socket
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        private func told(
            _ watcher: V2Client, _ onlooker: WebSocketClient, _ isAll: (Tally) -> Bool
        ) async throws {
            try await eventually("the watcher to be told", seen: { "\(Tally(watcher, Self.room))" }) {
                isAll(Tally(watcher, Self.room))
            }
            try await eventually("the onlooker to be told", seen: { "\(Tally(onlooker, Self.room))" }) {
                isAll(Tally(onlooker, Self.room))
            }
        }
    }
}

/// What a client was told of the users `user…` who came to a room and went.
private struct Tally {
    /// By name or in counts.
    var joined = 0
    var left = 0
    /// As the latest count says.
    var members: Int?
    /// Lines that named one user, and those that counted several.
    var named = 0
    var merged = 0
    var unclear: [String] = []

    init(_ client: V2Client, _ room: String) {
        for frame in client.frames {
            switch frame.event {
            case .userJoined(room, let user, _, _) where user.hasPrefix("user"): addNamed(1, 0)
            case .userLeft(room, let user, _, _) where user.hasPrefix("user"): addNamed(0, 1)
            case .roomMembers(room, let members, let joined, let left, _): addMerged(joined, left, members)
            default: break
            }
        }
    }

    /// Of the classic dialect.
    init(_ client: WebSocketClient, _ room: String) {
        for notice in client.texts.all.compactMap(\.notice) where notice != "\(client.name) joined the room \(room)" {
            if notice.wholeMatch(of: /user\d+ joined the room big/) != nil {
                addNamed(1, 0)
            } else if notice.wholeMatch(of: /user\d+ left the room/) != nil {
                addNamed(0, 1)
            } else if let words = notice.wholeMatch(
                of: /(\d+) users? joined the room big(?:, (\d+) left)?: (\d+) users? (?:is|are) here now/)
            {
                addMerged(Int(words.1) ?? 0, words.2.flatMap { Int($0) } ?? 0, Int(words.3))
            } else if let words = notice.wholeMatch(
                of: /(\d+) users? left the room big: (\d+) users? (?:is|are) here now/)
            {
                addMerged(0, Int(words.1) ?? 0, Int(words.2))
            } else {
                unclear.append(notice)
            }
        }
    }

    private mutating func addNamed(_ joined: Int, _ left: Int) {
        self.joined += joined
        self.left += left
        named += 1
    }

    private mutating func addMerged(_ joined: Int, _ left: Int, _ members: Int?) {
        self.joined += joined
        self.left += left
        self.members = members
        merged += 1
    }
}
