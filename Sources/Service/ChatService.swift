public import CoreMetrics
import Domain
public import Logging
import Synchronization

/// The chat itself: who may do what, and what follows from it. Knows no protocol, socket, NATS or Redis.
///
/// The use cases stand in extensions: sessions, rooms, sending, reading. Safe to call from any thread; the commands of one
/// session come one after the other.
public final class ChatService: Sendable {
    public struct Limits: Sendable {
        /// Greatest length of a message's content, in bytes of UTF-8.
        public let messageBytes: Int
        /// Nil: no limit.
        public let rate: RateLimit?
        /// How long a client that was cut off may take to come back, with nobody told that it was gone.
        public let grace: Duration
        /// What the newest messages of all active rooms may take in memory, in bytes.
        public let historyBytes: Int
        /// Members of a room, above which those who come and go are told as counts.
        public let mergeNoticesAbove: Int
        /// In how many rooms a session may be at a time, at least 1.
        public let roomsPerSession: Int

        public init(
            messageBytes: Int, rate: RateLimit?, grace: Duration = .seconds(8), historyBytes: Int = 256 << 20,
            mergeNoticesAbove: Int = 200, roomsPerSession: Int = 100
        ) {
            self.messageBytes = messageBytes
            self.rate = rate
            self.grace = grace
            self.historyBytes = historyBytes
            self.mergeNoticesAbove = mergeNoticesAbove
            self.roomsPerSession = roomsPerSession
        }
    }

    let log: any MessageLog
    let bus: any RoomBus
    let presence: any PresenceStore
    let delivery: any RoomDelivery
    public let limits: Limits
    let time: TimeSource
    let metrics: ServiceMetrics
    let logger: Logger

    let sessions = SessionDirectory()
    let detached = Mutex(DetachedSessions())
    let interest = Mutex(TopicInterest())
    let recentNotices = Mutex(RecentNotices())
    let merger: Mutex<NoticeMerger>
    let feeds: Feeds
    /// Wakes ``follow(checkingSilenceEvery:)``. One token is enough: it looks at everything there is to do.
    let attention = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    public init(
        log: any MessageLog, bus: any RoomBus, presence: any PresenceStore, delivery: any RoomDelivery,
        limits: Limits, time: TimeSource, metrics: any MetricsFactory, logger: Logger
    ) {
        self.log = log
        self.bus = bus
        self.presence = presence
        self.delivery = delivery
        self.limits = limits
        merger = Mutex(NoticeMerger(above: limits.mergeNoticesAbove))
        feeds = Feeds(budget: WindowBudget(limit: limits.historyBytes), now: time.monotonic)
        self.time = time
        self.metrics = ServiceMetrics(metrics)
        self.logger = logger
    }

    /// Joins the service to its ports. Called once, before the first client.
    public func start() {
        bus.start { [self] in receive($0) }
        presence.start(self)
    }

    /// Sessions on this instance.
    public var sessionCount: Int { sessions.count }

    /// Sessions whose clients were cut off and may still come back.
    public var detachedSessionCount: Int { detached.withLock { $0.count } }

    /// What the newest messages of all active rooms take in memory, in bytes.
    public var historyBytes: Int { feeds.budget.bytes }

    /// Rooms and inboxes with readers on this instance.
    public var activeTopicCount: Int { interest.withLock { $0.activeTopics } }
}
