import Testing
import Wire

extension Integration {
    @Suite("chat.v2 membership", .serialized, .cluster(instances: 2, ["grace_seconds": 1]))
    struct V2Membership {
        /// What a watcher can know of a room's members from the notices it saw.
        private struct Ledger {
            var members: Set<String>
            var faults: [String] = []

            init(_ members: Set<String>) { self.members = members }

            mutating func take(_ event: V2Event, in room: String) {
                switch event {
                case .userJoined(room, let user, _, _):
                    if !members.insert(user).inserted { faults.append("\(user) joined twice") }
                case .userLeft(room, let user, _, _):
                    if members.remove(user) == nil { faults.append("\(user) left without being there") }
                default: break
                }
            }
        }

        @Test("Whatever they do, each coming and going is told once, and the notices add up to the lists")
        func random() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let rooms = ["red", "green", "blue"]
            var watchers: [(room: String, client: V2Client)] = []
            for (index, room) in rooms.enumerated() {
                for instance in 0..<2 {
                    watchers.append((room, try await cluster[instance].enterV2("watcher\(index).\(instance)", room)))
                }
            }
            try await withThrowingTaskGroup { group in
                for index in 0..<12 {
                    group.addTask { try await Self.wander(index, among: rooms, on: cluster) }
                }
                try await group.waitForAll()
            }
            for (room, watcher) in watchers {
                // Who was cut off is let go meanwhile.
                var truth: Set<String> = []
                try await eventually("\(watcher.name)'s notices to add up") {
                    truth = try await Set(watcher.users(in: room))
                    return Self.ledger(of: watcher, in: room, truth).members == truth
                }
                #expect(Self.ledger(of: watcher, in: room, truth).faults == [], "\(watcher.name)")
            }
            for (_, watcher) in watchers { try await watcher.close() }
        }

        private static func ledger(of watcher: V2Client, in room: String, _ truth: Set<String>) -> Ledger {
            // Watchers came one after the other, and of the other one of its room each may have heard or not.
            var ledger = Ledger([])
            for frame in watcher.frames where !frame.event.isAbout("watcher") { ledger.take(frame.event, in: room) }
            ledger.members.formUnion(truth.filter { $0.hasPrefix("watcher") })
            return ledger
        }

        /// Joins, stays, leaves, is cut off and comes back, says goodbye and comes back; in the end it is gone, or in a room.
        private static func wander(_ index: Int, among rooms: [String], on cluster: Cluster) async throws {
            var random = SystemRandomNumberGenerator()
            let name = "user\(index)"
            var client = try await cluster[index].v2(name, room: rooms[index % rooms.count])
            for _ in 0..<12 {
                let room = rooms.randomElement(using: &random) ?? "red"
                switch Int.random(in: 0..<8, using: &random) {
                case 0, 1, 2:
                    let ref = client.send(.joinRoom(V2Join(room: room, history: 0, stay: .random(using: &random))))
                    _ = try await client.first("to have joined") { $0.ref == ref }
                case 3, 4:
                    let ref = client.send(.leaveRoom(room))
                    _ = try await client.first("to have left, or not to have been there") { $0.ref == ref }
                case 5, 6:
                    try await client.cut()
                    client = try await cluster[.random(in: 0...1)].v2(name, session: client.secret)
                default:
                    // Taken over while the old connection is in the middle of something.
                    client.send(.joinRoom(V2Join(room: room, history: 0, stay: true)))
                    client = try await cluster[.random(in: 0...1)].v2(name, session: client.secret)
                }
            }
            if index % 3 == 0 { try await client.close() }
            if index % 3 == 1 { try await client.cut() }
        }

        @Test("A goodbye and a return with the secret at once: there in the end, and told as often as it is true")
        func goodbyeAndBack() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let watcher = try await cluster[0].enterV2("watcher", "door")
            var alice = try await cluster[0].v2("alice", room: "door")
            for round in 0..<40 {
                alice.socket.send(.close(1000))
                var attempts = 0
                while true {
                    attempts += 1
                    let socket = try await cluster[round % 2].v2Socket("alice", room: "door", session: alice.secret)
                    let first = try await socket.next()
                    // Refused while it is being let go.
                    if case .welcome(let welcome)? = (try? V2Frame(json: first.bytes))?.event {
                        alice = V2Client(socket: socket, welcome: welcome)
                        break
                    }
                    _ = try await socket.closed()
                }
            }
            try await alice.join("door", history: 0)
            try await alice.say("here")
            _ = try await watcher.first("to hear alice") { $0.event.says("here") }
            #expect(try await watcher.users(in: "door") == ["alice", "watcher"])
            // A departure told by one instance and a return told by the other may cross.
            try await eventually("the notices to add up", equals: 1) {
                let events = watcher.frames.map(\.event)
                return events.count { $0.isUserJoined("alice") } - events.count { $0.isUserLeft("alice") }
            }
            try await alice.close()
            try await watcher.close()
        }

        @Test("An instance that stands still: who goes on elsewhere is closed there, who waits notices nothing")
        func frozen() async throws {
            try await withCluster(["lease_seconds": 4]) { cluster in
                let watcher = try await cluster[1].enterV2("watcher", "dev")
                let alice = try await cluster[0].enterV2("alice", "dev")
                let bob = try await cluster[0].enterV2("bob", "dev")
                try await watcher.seesJoined("alice", "dev", members: 2)
                try await watcher.seesJoined("bob", "dev", members: 3)
                try await alice.seesJoined("bob", "dev", members: 3)
                let position = try await alice.join("dev", history: 0).position
                cluster[0].freeze()
                let again = try await cluster[1].v2("alice", session: alice.secret)
                try await watcher.say("meanwhile")
                #expect(try await again.join("dev", after: position).messages.map(\.content) == ["meanwhile"])
                // How long the freeze lasts: part of its lease's lifetime.
                try await Task.sleep(for: .seconds(1))
                bob.send(.chatMessage(content: "still here", room: nil, id: "here"), ref: "here")
                cluster[0].thaw()
                #expect(try await alice.closed().code == 4001)
                _ = try await bob.first("the ack") { $0.ref == "here" && $0.shows(id: "here") }
                for client in [watcher, again] {
                    _ = try await client.first("to hear bob") { $0.shows(id: "here") }
                    #expect(client.frames.allSatisfy { !$0.event.isUserLeft("alice") && !$0.event.isUserLeft("bob") })
                }
                try await cluster.lists(["dev": 3])
                #expect(bob.view(of: "dev").faults == [])
            }
        }
    }
}

extension V2Client {
    /// The members of a room; frames before the answer count as read.
    func users(in room: String) async throws -> [String] {
        let ref = send(.listUsers(room: room))
        let frame = try await first("the users of \(room)") { $0.ref == ref }
        guard case .userList(room, let users, _, _) = frame.event else { throw Unexpected("\(frame)") }
        return users
    }
}

extension V2Event {
    fileprivate func isAbout(_ prefix: String) -> Bool {
        switch self {
        case .userJoined(_, let user, _, _), .userLeft(_, let user, _, _): user.hasPrefix(prefix)
        default: false
        }
    }
}
