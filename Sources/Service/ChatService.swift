public import CoreMetrics
import Domain
public import Logging

/// The chat itself: who may do what, and what follows from it. Knows no protocol, socket, NATS or Redis.
///
/// The rules stand in extensions: sessions, rooms, sending. How a topic is kept complete and read is ``topics``' business.
/// Safe to call from any thread; the commands of one session come one after the other.
public final class ChatService: Sendable {
    public struct Limits: Sendable {
        /// Greatest length of a message's content, in bytes of UTF-8.
        public let messageBytes: Int
        /// Of each user, over all sessions and instances. Nil: no limit.
        public let rate: RateLimit?
        /// How long a client that was cut off may take to come back, with nobody told that it was gone.
        public let grace: Duration
        /// What the newest messages of all active rooms may take in memory, in bytes.
        public let historyBytes: Int
        /// Members of a room, above which those who come and go are told as counts.
        public let mergeNoticesAbove: Int
        /// In how many rooms a session may be at a time, at least 1.
        public let roomsPerSession: Int
        /// Whether names belong to users: these may have several sessions (``Principal/sharesName``), and get private
        /// messages while they are away. Else a name belongs to whoever has it now.
        public let namesBelongToUsers: Bool

        public init(
            messageBytes: Int, rate: RateLimit?, grace: Duration = .seconds(8), historyBytes: Int = 256 << 20,
            mergeNoticesAbove: Int = 200, roomsPerSession: Int = 100, namesBelongToUsers: Bool = false
        ) {
            self.messageBytes = messageBytes
            self.rate = rate
            self.grace = grace
            self.historyBytes = historyBytes
            self.mergeNoticesAbove = mergeNoticesAbove
            self.roomsPerSession = roomsPerSession
            self.namesBelongToUsers = namesBelongToUsers
        }
    }

    let log: any MessageLog
    let bus: any TopicBus
    let presence: any PresenceStore
    /// Keeps the topics that sessions here follow, and reads them.
    public let topics: TopicEngine
    let delivery: any TopicDelivery
    /// What has happened here lately.
    public let activity: ActivityLog
    public let limits: Limits
    let time: TimeSource
    let metrics: ServiceMetrics
    let logger: Logger

    /// Which tokens have been taken back.
    public let revocations: RevocationWatch
    let administration: Administration
    /// Nil: no limit.
    let rates: UserRates?

    let sessions: SessionDirectory
    let detached = OrderedMutex(DetachedSessions())

    /// - Parameters:
    ///   - revocationStore: nil where there are no tokens.
    ///   - threads: where the service may wait for the edge.
    ///   - instance: the name by which the other instances know this one; empty: there are no others.
    ///   - activity: remembers what has happened here lately.
    public init(
        log: any MessageLog, bus: any TopicBus, presence: any PresenceStore,
        revocationStore: (any RevocationStore)? = nil, delivery: any TopicDelivery, threads: BlockingThreads,
        limits: Limits, instance: String = "", activity: ActivityLog = ActivityLog(), time: TimeSource,
        metrics: any MetricsFactory, logger: Logger
    ) {
        let sessions = SessionDirectory()
        self.sessions = sessions
        self.log = log
        self.bus = bus
        self.presence = presence
        self.delivery = delivery
        self.activity = activity
        revocations = RevocationWatch(revocationStore, time: time, logger: logger)
        administration = Administration(instance: instance, time: time)
        topics = TopicEngine(
            log: log, bus: bus, delivery: delivery, connections: sessions, threads: threads,
            historyBytes: limits.historyBytes, mergingNoticesAbove: limits.mergeNoticesAbove, time: time,
            metrics: metrics, logger: logger)
        // The others are told from the first message on, also before they have said that they run.
        rates = limits.rate.map { UserRates($0, isShared: !instance.isEmpty) }
        self.limits = limits
        self.time = time
        self.metrics = ServiceMetrics(metrics)
        self.logger = logger
    }

    /// Joins the service to its ports. Called once, before the first client.
    public func start() {
        bus.start { [self] in receive($0) }
        presence.start(self)
        revocations.start { [self] in
            // One look for all that is new.
            expel(.tokenRevoked) { revocations.isRevoked($0.principal) }
        }
    }

    /// On threads of the bus.
    private func receive(_ event: BusEvent) {
        switch event {
        case .entry(let entry): topics.live.receive(entry)
        case .announcement(.membership(let notice)): topics.notices.receive(notice)
        case .announcement(.typing(let notice)): topics.notices.receive(notice)
        case .announcement(.succession(let session)): endSucceeded(session)
        case .announcement(.administration(let notice)): receive(notice)
        case .lost: topics.live.connectionLost()
        case .interrupted:
            revocations.doubt()
            topics.live.interrupted()
        case .renewed(let kind, let after): topics.live.beginAnew(kind, after: after)
        case .dropped(let dropped, let scope): topics.live.forget(dropped, of: scope)
        }
    }

    /// Keeps the topics complete, looks for revocations, tells the other instances what is sent here, and lets go of sessions whose clients did not come back. Runs until it is cancelled.
    ///
    /// - Parameter interval: how often it looks; a topic that was quiet for so long counts as silent.
    public func run(every interval: Duration = .seconds(1)) async {
        async let engine: Void = topics.run(checkingSilenceEvery: interval)
        async let watch: Void = revocations.run()
        async let life: Void = sayAlive()
        async let sends: Void = tellSends()
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            await releaseDetached()
            rates?.forget(now: time.monotonic())
        }
        _ = await (engine, watch, life, sends)
    }

    /// Sessions on this instance.
    public var sessionCount: Int { sessions.count }

    /// Sessions whose clients were cut off and may still come back.
    public var detachedSessionCount: Int { detached.withLock { $0.count } }

    /// See ``MessageLog/storageObstacle``.
    public var storageObstacle: String? { log.storageObstacle }
}
