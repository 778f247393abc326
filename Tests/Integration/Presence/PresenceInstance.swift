import CoreMetrics
import Domain
import Foundation
import Logging
import NIOCore
import Service
import ServiceLifecycle
import Synchronization
import Testing

@testable import InfrastructureRedis

/// One instance's presence store under way, with an observer that remembers.
struct PresenceInstance {
    let store: RedisPresenceStore
    let observer: PresenceRecorder
    private let services: ServiceGroup
    private let running: Task<Void, any Error>

    static func with(
        _ url: String, trust: RedisTrust = .system, prefix: String = "", lifetime: Duration = .milliseconds(600),
        grace: Duration = .seconds(8), timeout: Duration = .seconds(2), clock: SteppedClock = SteppedClock(),
        ready: Bool = true, metrics: any MetricsFactory = NOOPMetricsHandler.instance, logger: Logger = .silent,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PresenceInstance) async throws -> Void
    ) async throws {
        let store = RedisPresenceStore(
            url: try RedisURL(url), trust: trust, keyPrefix: prefix, beat: lifetime / 3, leaseLifetime: lifetime,
            grace: grace, options: RedisClient.Options(timeout: timeout), eventLoopGroup: presenceLoops,
            time: clock.source, metrics: metrics, logger: logger)
        let observer = PresenceRecorder()
        store.start(observer)
        let services = ServiceGroup(configuration: ServiceGroupConfiguration(services: [store], logger: .silent))
        let instance = PresenceInstance(
            store: store, observer: observer, services: services, running: Task { try await services.run() })
        let result: Result<Void, any Error>
        do {
            if ready { try await store.waitUntilReady(within: .seconds(10)) }
            try await body(instance)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await instance.kill()
        try result.get()
    }

    /// One that does nothing by itself within the test: its first round is over, and the next one is far away. Others that
    /// live meanwhile are to be quiet, too: they would take what this one waits for.
    static func withQuiet(
        _ redis: PresenceRedis, clock: SteppedClock = SteppedClock(), _ body: (PresenceInstance) async throws -> Void
    ) async throws {
        // A round ends with the publication of what is queued.
        try await redis.command("HSET", "lease:notices", "test", "left 0 test test")
        try await with(redis.url, lifetime: .seconds(60), clock: clock) { instance in
            try await eventuallyPresent("its first round") { instance.observer.departures == ["test@test"] }
            try await eventuallyPresent("the end of its first round") {
                try await redis.command("EXISTS", "lease:notices") == .integer(0)
            }
            instance.observer.forget()
            try await body(instance)
        }
    }

    /// Ends as a crash would: nothing is said to Redis.
    func kill() async {
        running.cancel()
        _ = await running.result
    }

    /// Ends in good order.
    func shutDown() async {
        await services.triggerGracefulShutdown()
        _ = await running.result
    }

    /// A session with a random id.
    func claim(_ name: String, _ room: String = "global") async throws -> SessionID {
        let session = SessionID.random()
        try await store.enter(try Username(name), as: session, in: try RoomName(room))
        return session
    }

    /// A session with a random id that shares its name; what is news is told, as a service does.
    func share(_ name: String, _ room: String = "global", secret: SessionSecret? = nil) async throws -> SessionID {
        let session = SessionID.random()
        let claimed = try await store.enter(
            try Username(name), as: session, in: try RoomName(room), secret: secret, isShared: true)
        await store.told(claimed.news.values.compactMap(\.keptAs))
        return session
    }
}

final class PresenceRecorder: PresenceObserver {
    private struct State {
        var lost: [SessionID] = []
        var notices: [MembershipNotice] = []
        var refusals = 0
        var refused = 0
    }

    private let state = Mutex(State())

    var lost: [SessionID] { state.withLock { $0.lost } }
    /// Who has left with a dead instance.
    var departed: [MembershipNotice] { notices.filter { $0.change == .left } }
    var notices: [MembershipNotice] { state.withLock { $0.notices } }
    /// How often a notice was refused so far.
    var refused: Int { state.withLock { $0.refused } }

    /// `user@room` of every departure, sorted.
    var departures: [String] { departed.map { "\($0.username)@\($0.room)" }.sorted() }

    /// `user@room` of everybody who is back after their instance was taken for dead, sorted.
    var returns: [String] {
        notices.filter { $0.change == .joined }.map { "\($0.username)@\($0.room)" }.sorted()
    }

    /// Everything, in the order in which it was told, as `+user@room` and `-user@room`.
    var told: [String] { notices.map { "\($0.change == .joined ? "+" : "-")\($0.username)@\($0.room)" } }

    func forget() { state.withLock { $0 = State() } }

    func refuse(next count: Int) { state.withLock { $0.refusals = count } }

    func presenceLost(_ session: SessionID) { state.withLock { $0.lost.append(session) } }

    func presenceChanged(_ notice: MembershipNotice) throws(ChatError) {
        try state.withLock { state throws(ChatError) in
            guard state.refusals == 0 else {
                state.refusals -= 1
                state.refused += 1
                throw ChatError(.unavailable, "refused by the test")
            }
            state.notices.append(notice)
        }
    }
}

/// The system's time, which a test can advance as a machine that was frozen would find it.
final class SteppedClock: Sendable {
    private let ahead = Mutex(Duration.zero)

    func advance(by duration: Duration) { ahead.withLock { $0 += duration } }

    var source: TimeSource {
        TimeSource(
            wall: { .now },
            monotonic: { .now + self.ahead.withLock { $0 } })
    }
}

extension PresenceStore {
    /// Claims a name; classic clients have neither a secret of their own nor one to present.
    @discardableResult
    func enter(
        _ username: Username, as session: SessionID = .random(), in room: RoomName = .global,
        secret: SessionSecret? = nil, presenting presented: SessionSecret? = nil, inboxStart: SequenceNumber? = nil,
        isShared: Bool = false
    ) async throws(ChatError) -> Claimed {
        try await claim(
            Claim(
                username: username, session: session, room: room, secret: secret, presented: presented,
                inboxStart: inboxStart, isShared: isShared))
    }

    /// All users, or those of a room: as many as one page holds.
    func names(in room: RoomName? = nil) async throws -> [String] {
        try await users(in: room, ListRange()).elements
    }

    /// The rooms as `name: members`: as many as one page holds.
    func roomLines() async throws -> [String] {
        try await rooms(ListRange()).elements.map { "\($0.name): \($0.members)" }
    }
}
