import Domain
import Service
import Synchronization
import Testing

@testable import InfrastructureRedis

extension Integration {
    /// Users with several sessions on three instances come, move, are succeeded and go, all at once, while connections break
    /// and leases end.
    @Suite("Presence of users with several sessions under any number of faults", .serialized)
    struct PresenceSharingFaultTests {
        @Test(arguments: PresenceFault.sets)
        func `after any number of faults lists agree with the truth, and so does what the rooms were told`(
            _ faults: [PresenceFault]
        ) async throws {
            try await PresenceRedis.with { redis in
                try await PresenceInstance.with(redis.url, timeout: .seconds(1)) { first in
                    try await PresenceInstance.with(redis.url, timeout: .seconds(1)) { second in
                        try await PresenceInstance.with(redis.url, timeout: .seconds(1)) { third in
                            let instances = [first, second, third]
                            let watcher = RoomWatcher()
                            for instance in instances { instance.store.start(watcher) }
                            let remaining = try await wander(on: instances, watcher) {
                                try await redis.commit(faults.randomElement())
                            }
                            #expect(remaining.count >= 5)
                            try await redis.agrees(with: remaining, watcher)
                            // What was queued when Redis was emptied nobody can tell any more.
                            guard !faults.contains(.emptied) else { return }
                            for (member, changes) in watcher.changes {
                                let isThere = remaining.contains {
                                    !watcher.lost.contains($0.session) && $0.isIn(member)
                                }
                                #expect(changes == SharedSession.alternating(changes.count), "\(member)")
                                #expect(changes.last == (isThere ? .joined : .left), "\(member)")
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What can happen to instances and their Redis.
enum PresenceFault: CustomTestStringConvertible {
    case disconnected, condemned, forgotten, emptied

    /// What leaves all that was queued, and all there is.
    static let sets: [[PresenceFault]] = [
        [], [.disconnected], [.condemned], [.disconnected, .condemned, .forgotten],
        [.disconnected, .condemned, .forgotten, .emptied],
    ]

    var testDescription: String { "\(self)" }
}

extension PresenceRedis {
    fileprivate func commit(_ fault: PresenceFault?) async throws {
        switch fault {
        case .disconnected: try await command("CLIENT", "KILL", "TYPE", "normal")
        case .forgotten: try await command("SCRIPT", "FLUSH")
        case .emptied: try await command("FLUSHALL")
        case .condemned:
            guard let lease = try await leases().randomElement() else { return }
            try await command("ZADD", "lease:instances", "XX", "1", lease)
        case nil: break
        }
    }

    /// Waits until the lists are those of the sessions, and nothing is left to tell.
    fileprivate func agrees(with sessions: [SharedSession], _ watcher: RoomWatcher) async throws {
        try await eventuallyPresent("the lists agree with the truth, and all is told") {
            guard try await command("EXISTS", "lease:notices") == .integer(0) else { return false }
            let sessions = sessions.filter { !watcher.lost.contains($0.session) }
            guard try await members("active_users") == Set(sessions.map(\.username.text)).sorted() else { return false }
            for room in SharedSession.rooms {
                let expected = Set(sessions.filter { $0.rooms.contains(room) }.map(\.username.text)).sorted()
                guard try await members("room:\(room)") == expected else { return false }
            }
            let keys = try await command("ZRANGE", "lease:sharing", "0", "-1").texts()
            return keys.count == sessions.count
        }
    }
}

/// Has all instances' notices as their rooms would be shown them: each once, in the order in which they came.
final class RoomWatcher: PresenceObserver {
    private struct State {
        var known: Set<String> = []
        var changes: [String: [MembershipNotice.Change]] = [:]
        var lost: [SessionID] = []
    }

    private let state = Mutex(State())

    /// By `user@room`.
    var changes: [String: [MembershipNotice.Change]] { state.withLock { $0.changes } }
    var lost: [SessionID] { state.withLock { $0.lost } }

    func presenceLost(_ session: SessionID) { state.withLock { $0.lost.append(session) } }

    func presenceChanged(_ notice: MembershipNotice) {
        tell(notice.id, notice.change, "\(notice.username)@\(notice.room)")
    }

    func tell(_ id: String, _ change: MembershipNotice.Change, _ member: String) {
        state.withLock { state in
            if state.known.insert(id).inserted { state.changes[member, default: []].append(change) }
        }
    }
}

/// One of a user's sessions, as the last answer to its client has it.
struct SharedSession: Sendable {
    static let rooms = [RoomName.global] + ["dev", "ops"].compactMap { try? RoomName($0) }

    let username: Username
    let instance: PresenceInstance
    let session: SessionID
    let secret: SessionSecret?
    var rooms: Set<RoomName>

    static func alternating(_ count: Int) -> [MembershipNotice.Change] {
        (0..<count).map { $0.isMultiple(of: 2) ? .joined : .left }
    }

    /// - Parameter member: `user@room`.
    func isIn(_ member: String) -> Bool { rooms.contains { "\(username)@\($0)" == member } }

    /// Claims the name, as a first session of its client or as the next one.
    static func claim(
        _ username: Username, on instance: PresenceInstance, after earlier: SharedSession? = nil, _ watcher: RoomWatcher
    ) async throws -> SharedSession {
        let session = SessionID.random()
        let claimed = try await instance.store.enter(
            username, as: session, in: rooms.randomElement() ?? .global,
            secret: earlier == nil && Bool.random() ? nil : .random(), presenting: earlier?.secret, isShared: true)
        // As its instance does when the earlier connection ends.
        if let earlier { await earlier.instance.store.release(earlier.session) }
        let shared = SharedSession(
            username: username, instance: instance, session: session, secret: claimed.secret,
            rooms: Set(claimed.rooms.map(\.name)))
        await shared.tell(claimed.news, .joined, watcher)
        return shared
    }

    mutating func move(_ watcher: RoomWatcher) async throws {
        let entering = Bool.random() ? Self.rooms.randomElement() : nil
        let leaving = Set(Self.rooms.filter { _ in Int.random(in: 0..<3) == 0 }).subtracting(
            entering.map { [$0] } ?? [])
        let moved = try await instance.store.move(session, leaving: leaving, entering: entering)
        rooms.subtract(leaving)
        if let entering { rooms.insert(entering) }
        await tell(moved.news.filter { leaving.contains($0.key) }, .left, watcher)
        await tell(moved.news.filter { $0.key == entering }, .joined, watcher)
    }

    /// As a service does when its client says goodbye.
    func leave(_ watcher: RoomWatcher) async {
        do throws(ChatError) {
            let moved = try await instance.store.move(session, leaving: rooms, entering: nil)
            await tell(moved.news, .left, watcher)
        } catch {
            // The store tells of it when it can.
        }
        await instance.store.release(session)
    }

    private func tell(
        _ news: [RoomName: PresenceNews], _ change: MembershipNotice.Change, _ watcher: RoomWatcher
    ) async {
        for (room, news) in news {
            guard let id = news.keptAs else { continue }
            watcher.tell(id, change, "\(username)@\(room)")
            await instance.store.told([id])
        }
    }
}

/// Four users with three clients each come, move, are succeeded and go at random for three seconds, and ask again when they
/// were told `unavailable`.
///
/// - Returns: the sessions that are there in the end.
private func wander(
    on instances: [PresenceInstance], _ watcher: RoomWatcher, fault: () async throws -> Void
) async throws -> [SharedSession] {
    let until = ContinuousClock.now + .seconds(3)
    return try await withThrowingTaskGroup(of: SharedSession?.self) { group in
        for number in 0..<12 {
            let username = try Username("user\(number % 4)")
            group.addTask { try await wander(username, on: instances, watcher, until: until) }
        }
        while ContinuousClock.now < until - .milliseconds(500) {
            // The sleeps are a pace, nothing is ordered by them.
            try await fault()
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...400)))
        }
        return try await group.reduce(into: []) { if let session = $1 { $0.append(session) } }
    }
}

private func wander(
    _ username: Username, on instances: [PresenceInstance], _ watcher: RoomWatcher, until: ContinuousClock.Instant
) async throws -> SharedSession? {
    var present: SharedSession?
    while ContinuousClock.now < until {
        let instance = try #require(instances.randomElement())
        if let session = present?.session, watcher.lost.contains(session) { present = nil }
        do {
            switch (present, Int.random(in: 0..<8)) {
            case (nil, _):
                present = try await .claim(username, on: instance, watcher)
            case (let here?, 0):
                present = nil
                await here.leave(watcher)
            case (let here?, 1...2) where here.secret != nil:
                present = try await .claim(username, on: instance, after: here, watcher)
            case (var here?, _):
                try await here.move(watcher)
                present = here
            }
        } catch let error as ChatError where error.code == .unavailable || error.code == .usernameTaken {
            // Taken: by a claim of its own whose outcome nobody knows, until that is undone.
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 1...20)))  // a pace
    }
    return present
}
