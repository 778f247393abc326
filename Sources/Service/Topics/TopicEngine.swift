import CoreMetrics
public import Domain
import Logging

/// Keeps the topics that are read on this instance complete and in order, and gives each reader what it has not seen.
///
/// It knows topics, the log, the bus and the edge, and neither sessions nor who may do what. What it does stands in types
/// of their own: who reads what (``FollowedTopics``), what comes in (``LiveEntries``), what was missed (``TopicRepair``),
/// what is read (``TopicReading``), and what no log keeps (``RoomNotices``). They share the topics' feeds and nothing else.
///
/// Under a feed's lock event loops are waited for, so nothing here is to be called on one, and what is asynchronous runs on
/// threads that may wait (docs/architecture.md, “Locks”).
public final class TopicEngine: Sendable {
    /// How much of a topic is read, sent and kept at a time.
    public static let pageLimit = PageLimit(entries: 100, bytes: 256 << 10)
    /// How long the comings and goings of a large room are gathered before it is told.
    static let mergingInterval = Duration.seconds(1)

    let notices: RoomNotices
    let live: LiveEntries
    private let feeds: Feeds
    private let followed: FollowedTopics
    private let repair: TopicRepair
    private let reading: TopicReading
    private let threads: BlockingThreads

    /// - Parameters:
    ///   - historyBytes: what the newest messages of all topics may take in memory.
    ///   - limit: members of a room, above which those who come and go are told as counts.
    init(
        log: any MessageLog, bus: any TopicBus, delivery: any TopicDelivery, connections: any LocalConnections,
        threads: BlockingThreads, historyBytes: Int, mergingNoticesAbove limit: Int, time: TimeSource,
        metrics: any MetricsFactory, logger: Logger
    ) {
        let metrics = TopicMetrics(metrics)
        let feeds = Feeds(
            budget: WindowBudget(limit: historyBytes), now: time.monotonic, mayWaitHere: threads.mayWaitHere)
        let reads = MeasuredLog(log: log, metrics: metrics, now: time.monotonic)
        let display = TopicDisplay(
            log: log, delivery: delivery, connections: connections, now: time.monotonic, metrics: metrics,
            logger: logger)
        self.feeds = feeds
        self.threads = threads
        followed = FollowedTopics(bus: bus, feeds: feeds)
        live = LiveEntries(feeds: feeds, display: display, metrics: metrics)
        repair = TopicRepair(reads: reads, feeds: feeds, display: display, metrics: metrics, logger: logger)
        reading = TopicReading(
            windows: Windows(feeds: feeds, reads: reads), repair: repair, feeds: feeds, reads: reads,
            metrics: metrics)
        notices = RoomNotices(
            mergingAbove: limit, feeds: feeds, delivery: delivery, connections: connections, wall: time.wall,
            metrics: metrics)
    }

    // MARK: Following

    /// Rooms and inboxes with readers on this instance.
    public var activeCount: Int { followed.count }

    /// Rooms with readers on this instance.
    public var activeRoomCount: Int { feeds.all(.rooms).count }

    /// What the newest messages of all active topics take in memory, in bytes.
    public var historyBytes: Int { feeds.budget.bytes }

    /// One reader more: from now on what is stored in the topic is shown to those whom the edge has as its readers.
    ///
    /// - Throws: ``ChatError/Code/unavailable``. Then nothing has changed.
    func follow(_ topic: Topic) throws(ChatError) { try followed.enter(topic) }

    /// One reader less.
    func unfollow(_ topic: Topic) { followed.leave(topic) }

    /// Returns when what is stored from now on is known to be new: for a reader without history, who begins here.
    /// Does not fail while the log cannot be asked.
    func awaitStart(of topic: Topic) async {
        await waiting { await repair.awaitStart(of: topic) }
    }

    /// Tells the readers here of somebody who came or went, where the bus cannot.
    func tell(_ notice: MembershipNotice) async {
        await waiting { notices.receive(notice) }
    }

    /// Fills holes from the log, compares the heads of topics that have fallen silent, and shows large rooms who came and
    /// went. Runs until it is cancelled.
    ///
    /// - Parameter interval: a topic that was quiet for so long counts as silent.
    func run(checkingSilenceEvery interval: Duration) async {
        await waiting {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in self.feeds.attention { await self.repair.lookAfterTopics() }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: interval)
                        await self.repair.compareSilentTopics()
                        self.feeds.wake()  // for what was put off
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: Self.mergingInterval)
                        self.notices.showMerged()
                    }
                }
            }
        }
    }

    // MARK: Reading

    /// Finds where a reader of a followed topic begins.
    ///
    /// - Parameters:
    ///   - earliest: what is at or before it is not for this reader.
    ///   - begun: called where the start is found, under a lock: what was delivered before this call is not beyond
    ///     ``ReadingStart/head``, and what is delivered after it is. It only hands something on.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func beginReading(
        _ topic: Topic, at point: ReadingPoint, notBefore earliest: SequenceNumber = .zero, begun: () -> Void = {}
    ) async throws(ChatError) -> ReadingStart {
        try await waiting { () async throws(ChatError) in
            try await reading.beginReading(topic, at: point, notBefore: earliest, begun: begun)
        }
    }

    /// Reads on beyond `cursor`.
    ///
    /// - Parameters:
    ///   - epoch: of the log in which the reader has begun.
    ///   - limit: of the page, at most ``pageLimit``.
    ///   - goLive: called where the page reaches the newest entry that was shown: what is delivered after this call comes
    ///     after the page. Called under a lock: it only hands the page on.
    /// - Returns: the page, where it does not reach so far; else nil.
    /// - Throws: ``ChatError/Code/unavailable``.
    public func read(
        _ topic: Topic, after cursor: SequenceNumber, in epoch: Epoch, limit: PageLimit,
        goLive: (ReadingPage) -> Void
    ) async throws(ChatError) -> ReadingPage? {
        try await waiting { () async throws(ChatError) in
            try await reading.read(topic, after: cursor, in: epoch, limit: limit, goLive: goLive)
        }
    }

    /// Some of a topic's history, for somebody who looks something up.
    ///
    /// - Parameter limit: 1–100.
    /// - Throws: ``ChatError/Code/unavailable``.
    func history(of topic: Topic, _ range: LogRange, limit: Int) async throws(ChatError) -> ReadingPage {
        try await waiting { () async throws(ChatError) in
            try await reading.history(of: topic, range, limit: limit)
        }
    }

    /// The active rooms, those with the newest messages first.
    ///
    /// - Parameter maximum: of rooms.
    public func activeRooms(
        atMost maximum: Int, where isMeant: @escaping @Sendable (RoomName) -> Bool
    ) async -> [TopicStatus] {
        await waiting {
            let rooms = feeds.all(.rooms).compactMap(TopicStatus.init).filter { isMeant($0.room) }
            return Array(rooms.sorted { $0.head > $1.head }.prefix(maximum))
        }
    }

    /// Runs what may wait for an event loop, or for a lock under which one is waited for.
    private func waiting<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(threads.executor, operation: body)
    }
}
