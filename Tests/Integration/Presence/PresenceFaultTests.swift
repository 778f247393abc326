import Domain
import Service
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureRedis

extension Integration {
    /// Everything at once, on two instances: sessions come, move, are succeeded and go while connections break, leases end,
    /// scripts are forgotten, keys are deleted or replaced, and Redis is emptied.
    @Suite("Presence under any number of faults", .serialized)
    struct PresenceFaultTests {
        /// No ghost may remain, and no living user be missing.
        @Test func `after any number of faults the lists agree with the truth`() async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, timeout: .seconds(1)) { first in
                    try await PresenceInstance.with(redis.url, timeout: .seconds(1)) { second in
                        let instances = [first, second]
                        let remaining = try await withThrowingTaskGroup(of: Presence?.self) { group in
                            for number in 0..<40 {
                                group.addTask {
                                    try await wander(try Username("user\(number)"), on: instances, for: .seconds(4))
                                }
                            }
                            let until = ContinuousClock.now + .seconds(3)
                            while ContinuousClock.now < until {
                                // The sleeps are a pace, nothing is ordered by them.
                                try await redis.fault()
                                try await Task.sleep(for: .milliseconds(Int.random(in: 1...150)))
                            }
                            return try await group.reduce(into: [Presence]()) {
                                if let present = $1 { $0.append(present) }
                            }
                        }
                        #expect(remaining.count >= 10)
                        try await eventuallyPresent("the lists agree with the truth") {
                            let present = remaining.filter { !$0.isLost }
                            let names = present.map(\.username.text).sorted()
                            guard try await first.store.names() == names, try await second.store.names() == names
                            else { return false }
                            for room in Presence.rooms {
                                let members = present.filter { $0.rooms.contains(room) }.map(\.username.text).sorted()
                                guard try await redis.members("room:\(room)") == members else { return false }
                            }
                            let rooms = Set(present.flatMap(\.rooms)).map(\.text).sorted()
                            return try await redis.members("all_rooms") == rooms
                        }
                        // An emptied Redis tells nobody whose name it was; all the others have kept theirs.
                        #expect(remaining.count { $0.isLost } <= 10)
                    }
                }
            }
        }
    }
}

extension PresenceRedis {
    fileprivate func fault() async throws {
        let key = ["active_users", "all_rooms", "room:dev", "lease:owners", "lease:index:users"].randomElement() ?? ""
        switch Int.random(in: 0..<7) {
        case 0: try await command("FLUSHALL")
        case 1: try await command("SCRIPT", "FLUSH")
        case 2: try await command("CLIENT", "KILL", "TYPE", "normal")
        case 3: try await command("DEL", key)
        case 4: try await command("SET", key, "another type")
        case 5:
            if let lease = try await leases().randomElement() {
                try await command("ZADD", "lease:instances", "0", lease)
            }
        default:
            if let lease = try await leases().randomElement() {
                try await command("ZREM", "lease:instances", lease)
            }
        }
    }
}

/// A user as the last answer to its client has it.
private struct Presence {
    static let rooms = [RoomName.global] + ["dev", "ops"].compactMap { try? RoomName($0) }

    let username: Username
    let instance: PresenceInstance
    let session: SessionID
    let secret: SessionSecret?
    var rooms: Set<RoomName>

    var isLost: Bool { instance.observer.lost.contains(session) }

    /// Claims the name, as the client's first session or as the next one.
    static func claim(
        _ username: Username, on instance: PresenceInstance, after earlier: Presence? = nil
    ) async throws -> Presence {
        let session = SessionID.random()
        let claimed = try await instance.store.enter(
            username, as: session, in: rooms.randomElement() ?? .global, secret: .random(),
            presenting: earlier?.secret)
        // As its instance does when the earlier connection ends.
        if let earlier { await earlier.instance.store.release(earlier.session) }
        return Presence(
            username: username, instance: instance, session: session, secret: claimed.secret,
            rooms: Set(claimed.rooms.map(\.name)))
    }

    mutating func move() async throws {
        let entering = Bool.random() ? Self.rooms.randomElement() : nil
        let leaving = Set(Self.rooms.filter { _ in Int.random(in: 0..<3) == 0 })
        try await instance.store.move(session, leaving: leaving, entering: entering)
        rooms.subtract(leaving)
        if let entering { rooms.insert(entering) }
    }
}

/// Comes, moves, is succeeded and goes at random, as a client of a service would, which asks again when it was told
/// `unavailable`.
///
/// - Returns: the user, where it is there in the end.
private func wander(
    _ username: Username, on instances: [PresenceInstance], for duration: Duration
) async throws -> Presence? {
    let until = ContinuousClock.now + duration
    var present: Presence?
    while ContinuousClock.now < until {
        if present?.isLost == true { present = nil }
        let instance = try #require(instances.randomElement())
        do {
            switch (present, Int.random(in: 0..<8)) {
            case (nil, _):
                present = try await .claim(username, on: instance)
            case (let here?, 0):
                present = nil
                await here.instance.store.release(here.session)
            case (let here?, 1...3):
                present = try await .claim(username, on: instance, after: here)
            case (var here?, _):
                try await here.move()
                present = here
            }
        } catch let error as ChatError {
            // Taken: by a claim of its own whose outcome nobody knows, until that is undone.
            if error.code != .unavailable, error.code != .usernameTaken { Issue.record(error) }
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 1...20)))  // a pace
    }
    return present
}
