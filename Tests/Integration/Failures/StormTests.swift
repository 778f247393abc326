import Synchronization
import Testing

@testable import TestSupport

extension Integration {
    /// Something fails in the middle of a storm of joins; afterwards the lists must agree with what each client was last told.
    @Suite("Failures in a storm of joins", .serialized)
    struct Storms {
        private static let rooms = (0..<6).map { "room\($0)" }

        /// Joins one room after the other until told to stop; an error in words is as good an answer as the room.
        private func wander(_ client: WebSocketClient, seed: UInt64, until stop: StopSign) async throws {
            var random = SeededGenerator(seed: seed)
            while !stop.isUp, client.isConnected {
                let room = Self.rooms.randomElement(using: &random) ?? Self.rooms[0]
                client.join(room)
                do {
                    _ = try await client.texts.first("\(client.name) to be answered", within: .seconds(15)) { frame in
                        guard let notice = frame.notice else { return false }
                        return notice == "\(client.name) joined the room \(room)"
                            || !notice.contains(" joined the room ") && !notice.hasSuffix(" left the room")
                    }
                } catch  where !client.isConnected {
                    return
                }
            }
        }

        /// Runs the storm around `failure`, then compares the lists with where the clients that remain were last told to be.
        private func storm(
            _ cluster: Cluster, seed: UInt64, _ failure: @Sendable @escaping () async throws -> Void
        ) async throws {
            var clients: [WebSocketClient] = []
            for index in 0..<40 {
                clients.append(try await cluster[index].enter("user\(index)", room: Self.rooms[index % 6]))
            }
            let stop = StopSign()
            let first = clients[0]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, client) in clients.enumerated() {
                    group.addTask { try await wander(client, seed: seed &+ UInt64(index), until: stop) }
                }
                group.addTask {
                    try await eventually("the storm to rise") { first.texts.all.count > 50 }
                    do { try await failure() } catch {
                        stop.raise()
                        throw error
                    }
                    let before = first.texts.all.count
                    try? await eventually("the storm to go on") { first.texts.all.count > before + 50 }
                    stop.raise()
                }
                try await group.waitForAll()
            }
            let survivors = clients.filter(\.isConnected)
            let truth = Dictionary(grouping: survivors, by: \.lastRoom)
            try await cluster.lists(truth.mapValues(\.count))
            for witness in survivors.prefix(2) {
                #expect(try await witness.users() == survivors.map(\.name).sorted())
                for (room, members) in truth {
                    #expect(try await witness.users(in: room) == members.map(\.name).sorted(), "\(room)")
                }
            }
            // And everyone hears what is said in the room they were told they are in.
            for members in truth.values where members.count > 1 {
                try await cluster.isTalking(Array(members.prefix(4)))
            }
        }

        @Test("Redis killed and started again, empty")
        func redis() async throws {
            try await withCluster { cluster in
                let redis = try #require(cluster.backing).redis
                try await storm(cluster, seed: 11) {
                    await redis.kill9()
                    try await redis.start()
                }
            }
        }

        @Test("NATS killed and started again")
        func nats() async throws {
            try await withCluster { cluster in
                let nats = try #require(cluster.backing).nats
                try await storm(cluster, seed: 12) {
                    await nats.kill9()
                    try await nats.start()
                }
                #expect(try await nats.subscriptions(on: "chat.live.room0").allSatisfy { $0 == 1 })
            }
        }

        @Test("One of three instances killed")
        func instance() async throws {
            try await withCluster(instances: 3) { cluster in
                try await storm(cluster, seed: 13) { await cluster[2].kill9() }
            }
        }

        @Test("One of three instances told to stop")
        func drained() async throws {
            try await withCluster(instances: 3) { cluster in
                try await storm(cluster, seed: 14) {
                    cluster[2].signal(15)
                    let status = try await cluster[2].exit()
                    #expect(status == .exited(0))
                }
            }
        }

        @Test("Redis frozen for longer than the leases")
        func frozen() async throws {
            try await withCluster { cluster in
                let redis = try #require(cluster.backing).redis
                try await storm(cluster, seed: 15) {
                    redis.freeze()
                    // The lease is 2 s.
                    try await Task.sleep(for: .seconds(3))
                    redis.thaw()
                }
            }
        }
    }
}

/// Up once and for all.
private final class StopSign: Sendable {
    private let state = Mutex(false)
    var isUp: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

extension WebSocketClient {
    /// The room that the last notice of one's own joining named.
    fileprivate var lastRoom: String {
        let prefix = "\(name) joined the room "
        let last = texts.all.last { $0.notice?.hasPrefix(prefix) == true }
        return last?.notice.map { String($0.dropFirst(prefix.count)) } ?? "nowhere"
    }
}
