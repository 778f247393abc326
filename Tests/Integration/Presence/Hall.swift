import Foundation
import Testing
import Wire

/// A room of a cluster of three, with members of both dialects on each instance, and two who watch it from the first.
///
/// The third instance, ``far``, reaches Redis over a cable of its own: it is the one that things happen to.
struct Hall {
    /// How often a member was seen to come, and to go.
    struct Sightings: Equatable, CustomStringConvertible {
        var joined = 0
        var left = 0
        var description: String { "+\(joined) -\(left)" }
    }

    static let room = "hall"

    let near: [ChatInstance]
    let far: ChatInstance
    let redis: RedisServer
    let cable: Cable
    /// The members that speak `chat.v2`, by name. Those of ``far`` are `v2-2-0` to `v2-2-3`.
    private(set) var readers: [String: V2Client] = [:]
    /// The classic ones: `old-2-0` and `old-2-1` are those of ``far``.
    private(set) var classics: [String: WebSocketClient] = [:]
    private let watcher: V2Client
    private let listener: WebSocketClient

    fileprivate init(near: [ChatInstance], far: ChatInstance, redis: RedisServer, cable: Cable) async throws {
        self.near = near
        self.far = far
        self.redis = redis
        self.cable = cable
        watcher = try await near[0].enterV2("watcher", Self.room)
        listener = try await near[0].enter("listener", room: Self.room)
        for (index, instance) in instances.enumerated() {
            for number in 0..<4 {
                let name = "v2-\(index)-\(number)"
                readers[name] = try await instance.enterV2(name, Self.room)
            }
            for number in 0..<2 {
                let name = "old-\(index)-\(number)"
                classics[name] = try await instance.enter(name, room: Self.room)
            }
        }
    }

    var instances: [ChatInstance] { near + [far] }

    /// Everybody but those who watch.
    var members: Set<String> { Set(readers.keys).union(classics.keys) }

    /// Those of ``far``.
    var distant: Set<String> { members.filter { $0.contains("-2-") } }

    /// A client comes back to its session, on another instance.
    mutating func resume(_ name: String, on instance: ChatInstance) async throws {
        let earlier = try #require(readers[name])
        let client = try await instance.v2(name, session: earlier.secret)
        try await client.join(Self.room, history: 0)
        readers[name] = client
    }

    /// A member's words reach those who watch.
    func isHeard(_ name: String) async throws {
        let word = "from \(name) \(UInt32.random(in: 0...UInt32.max))"
        if let reader = readers[name] {
            reader.send(.chatMessage(content: word, room: Self.room, id: nil))
        } else {
            classics[name]?.say(word)
        }
        try await eventually("\(name) to be heard") { hasHeard(word) }
    }

    /// Whether those who watch were shown a message.
    func hasHeard(_ content: String) -> Bool {
        watcher.frames.contains { frame in
            if case .chatMessage(let message) = frame.event { message.content == content } else { false }
        }
    }

    /// Waits until every running instance lists exactly those in the room.
    func lists(_ expected: Set<String>, within limit: Duration = .seconds(10)) async throws {
        let deadline = ContinuousClock.now + limit
        let expected = expected.union(["watcher", "listener"]).sorted()
        for instance in instances where instance.isRunning {
            let probe = try await probe(instance, before: deadline)
            try await eventually("\(instance.name) to list the living", equals: expected, within: deadline - .now) {
                probe.listUsers(Self.room)
                let answer = try await probe.texts.first("a list of users") { $0.notice != nil }.notice ?? ""
                return answer.split(separator: ": ").last?.split(separator: ", ").map(String.init) ?? []
            }
            try await probe.close()
        }
    }

    /// One who asks. Newcomers are refused while the instance cannot reach Redis.
    private func probe(
        _ instance: ChatInstance, before deadline: ContinuousClock.Instant
    ) async throws -> WebSocketClient {
        while true {
            let name = "probe-\(UInt32.random(in: 0...UInt32.max))"
            let probe = try await instance.client(name, room: "lobby")
            let answer = try await probe.texts.next("an answer for \(name)").notice
            if answer == "\(name) joined the room lobby" { return probe }
            guard ContinuousClock.now < deadline else { throw Unexpected("\(name) was refused: \(answer ?? "")") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until both who watch have seen every member come once and never go, except for those named.
    func isSeen(_ others: [String: Sightings], within limit: Duration = .seconds(10)) async throws {
        var expected = Dictionary(uniqueKeysWithValues: members.map { ($0, Sightings(joined: 1)) })
        expected.merge(others) { $1 }
        try await eventually("the chat.v2 watcher's sightings", equals: expected, within: limit) { seenByWatcher }
        try await eventually("the classic watcher's sightings", equals: expected, within: limit) { seenByListener }
    }

    /// The same, when nothing more is under way: each exactly so often.
    func isSeenExactly(_ others: [String: Sightings]) async throws {
        let peer = try await RedisPeer.connect(port: redis.port)
        try await eventually("no notice to be queued", equals: .integer(0)) {
            try await peer.command("EXISTS", "lease:notices")
        }
        await peer.close()
        // What is published is on its way to everyone in order: who hears this has heard all before it.
        for name in ["v2-0-0", "v2-1-0"] + readers.keys.filter({ $0.hasPrefix("v2-2-") })
        where readers[name]?.socket.isConnected == true {
            try await isHeard(name)
        }
        try await isSeen(others)
    }

    private var seenByWatcher: [String: Sightings] {
        watcher.frames.reduce(into: [:]) { seen, frame in
            switch frame.event {
            case .userJoined(Self.room, let name, _, _) where members.contains(name):
                seen[name, default: .init()].joined += 1
            case .userLeft(Self.room, let name, _, _) where members.contains(name):
                seen[name, default: .init()].left += 1
            default: break
            }
        }
    }

    private var seenByListener: [String: Sightings] {
        listener.texts.all.compactMap(\.notice).reduce(into: [:]) { seen, notice in
            guard let name = notice.split(separator: " ").first.map(String.init), members.contains(name) else { return }
            if notice == "\(name) joined the room \(Self.room)" { seen[name, default: .init()].joined += 1 }
            if notice == "\(name) left the room" { seen[name, default: .init()].left += 1 }
        }
    }
}

/// Runs `body` in a hall of its own, which is gone afterwards whatever happens. Leases last 2 s, the grace period 4.
func withHall(_ body: (inout Hall) async throws -> Void) async throws {
    let settings: Settings = ["lease_seconds": 2, "grace_seconds": 4]
    try await withFarInstance(near: 2, settings) { cluster, far, _, cable in
        let backing = try #require(cluster.backing)
        var hall = try await Hall(near: cluster.instances, far: far, redis: backing.redis, cable: cable)
        try await hall.lists(hall.members)
        try await body(&hall)
    }
}
