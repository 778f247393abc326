public import CoreMetrics
import Domain
import InfrastructurePresence
public import Logging
public import NIOCore
public import Service
public import ServiceLifecycle
import Synchronization

/// Presence of the whole cluster, in Redis.
///
/// This file holds the state and the waiting; extensions hold the calls of the port and the upkeep in ``run()``.
/// ``PresenceLedger`` decides about concurrent changes.
public final class RedisPresenceStore: Service {
    struct State {
        var ledger: PresenceLedger
        var observer: (any PresenceObserver)?
        /// Calls that wait for a settlement.
        var waiters: [Int: EventLoopPromise<Void>] = [:]
        var nextWaiter = 0
        /// Why the latest settlement failed.
        var lastFailure: RedisError?
        /// Whether Redis deletes keys when its memory is full; nil while that is not known.
        var evicts: Bool?
    }

    /// The number of calls that may wait for a settlement at a time; further calls fail at once.
    static let maximumWaiters = 10_000

    let client: RedisClient
    let wakeup: PresenceWakeup
    let time: TimeSource
    let beat: Duration
    let lifetime: Duration
    let grace: Duration
    let timeout: Duration
    let logger: Logger
    let state: Mutex<State>
    /// How many times something that Redis had lost was written again.
    let repairs: Counter
    private let address: String
    private let prefix: String

    /// - Parameters:
    ///   - trust: which certificates are accepted, if the URL asks for TLS.
    ///   - keyPrefix: the beginning of every key. Redis Cluster is not supported, with any prefix.
    ///   - beat: how often an instance gives a sign of life.
    ///   - leaseLifetime: an instance that gives no sign of life for this long is dead.
    ///   - grace: how long sessions wait for their clients' next sessions, counted from their own last sign of life or
    ///     that of their instance. At least `leaseLifetime` if their instance has died.
    ///   - metrics: counts the repairs.
    public convenience init(
        url: RedisURL, trust: RedisTrust = .system, keyPrefix: String, beat: Duration = .seconds(2),
        leaseLifetime: Duration = .seconds(6), grace: Duration = .seconds(8), eventLoopGroup: any EventLoopGroup,
        time: TimeSource, metrics: any MetricsFactory, logger: Logger
    ) {
        self.init(
            url: url, trust: trust, keyPrefix: keyPrefix, beat: beat, leaseLifetime: leaseLifetime, grace: grace,
            options: RedisClient.Options(), eventLoopGroup: eventLoopGroup, time: time, metrics: metrics,
            logger: logger)
    }

    init(
        url: RedisURL, trust: RedisTrust = .system, keyPrefix: String, beat: Duration, leaseLifetime: Duration,
        grace: Duration, options: RedisClient.Options, eventLoopGroup: any EventLoopGroup, time: TimeSource,
        metrics: any MetricsFactory, logger: Logger
    ) {
        let eventLoop = eventLoopGroup.next()
        client = RedisClient(
            url: url, trust: trust, scripts: PresenceScripts.all, options: options, eventLoop: eventLoop,
            logger: logger)
        wakeup = PresenceWakeup(eventLoop: eventLoop)
        state = Mutex(State(ledger: PresenceLedger(lifetime: leaseLifetime)))
        self.beat = beat
        lifetime = leaseLifetime
        self.grace = grace
        timeout = options.timeout
        address = url.address
        prefix = keyPrefix
        self.time = time
        repairs = Counter(label: "chat_redis_repairs_total", dimensions: [], factory: metrics)
        self.logger = logger
    }

    /// How much longer than its lease the sessions of a dead instance live, if their clients can come back.
    var extraGrace: Duration { max(grace - lifetime, .zero) }

    /// Whether Redis can be reached and holds what this instance wants. Readiness depends on it.
    public var isReachable: Bool { client.isConnected && state.withLock { $0.ledger.isSettled } }

    /// Whether Redis is known to delete keys when its memory is full. Not known if the server may not ask.
    public var evictsKeys: Bool { state.withLock { $0.evicts == true } }

    /// Returns once the store can be used. ``run()`` must be under way.
    ///
    /// - Throws: ``RedisUnreachable`` if that takes longer than `duration`, or if waiting cannot help, as with a wrong
    ///   password; `CancellationError`.
    public func waitUntilReady(within duration: Duration) async throws {
        let deadline = ContinuousClock.now + duration
        while !isReachable {
            try Task.checkCancellation()
            let left = deadline - .now
            let failure = client.lastFailure ?? state.withLock { $0.lastFailure }
            if left <= .zero || failure?.isPermanent == true {
                let reason = failure ?? .timedOut
                throw RedisUnreachable(description: "Redis at \(address) cannot be reached: \(reason)")
            }
            do throws(RedisError) {
                try await settlement(within: left)
            } catch {
                // Too late, or the connection broke again: the loop's condition decides.
            }
        }
    }

    func evaluate(_ script: RedisScript, _ arguments: [String]) async throws(RedisError) -> RedisReply {
        try await client.evaluate(
            script, key: prefix + "lease:instances", [prefix, RandomToken.make()] + arguments)
    }

    func key(_ name: String) -> String { prefix + name }

    /// The content of Redis is no longer known: settle again. See ``PresenceLedger/detach(from:)``.
    func detach(from lease: String? = nil) {
        if state.withLock({ $0.ledger.detach(from: lease) }) { wakeup.ring() }
    }
}

/// Waiting for a settlement.
extension RedisPresenceStore {
    func resumeWaiters(_ result: Result<Void, RedisError>) {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters
        }
        for promise in waiters.values { promise.completeWith(result.mapError { $0 }) }
    }

    /// Waits for the end of the settlement that is due or under way.
    func settlement(within duration: Duration) async throws(RedisError) {
        let waiter = try state.withLock { state throws(RedisError) -> (number: Int, promise: EventLoopPromise<Void>)? in
            guard !state.ledger.isSettled else { return nil }
            guard state.waiters.count < Self.maximumWaiters else { throw .tooManyInFlight }
            defer { state.nextWaiter += 1 }
            let promise = client.eventLoop.makePromise(of: Void.self)
            state.waiters[state.nextWaiter] = promise
            return (state.nextWaiter, promise)
        }
        guard let (number, promise) = waiter else { return }
        let timer = client.eventLoop.scheduleTask(in: TimeAmount(duration)) { self.giveUp(number) }
        defer { timer.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                self.giveUp(number)
            }
        } catch {
            throw error as? RedisError ?? .timedOut
        }
    }

    private func giveUp(_ number: Int) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.fail(RedisError.timedOut)
    }
}
