import CoreMetrics
import DequeModule
import Domain
import NIOCore
import WebSocketRules

/// The connections of one event loop, and the topics they read.
///
/// This is the fast path: per tick and topic the frames that have gathered are joined into one buffer, which each reader
/// writes with one system call. Nothing here is done per recipient but that write (docs/decisions/0003-fan-out.md).
///
/// Sendable because everything mutable is touched on `eventLoop` only; other threads leave what they have in `mailbox`.
final class ConnectionLoop: @unchecked Sendable {
    /// Events that one tick takes: enough to make system calls cheap, little against the budget of a slow reader.
    private static let bytesPerTick = 128 << 10
    private static let sweepInterval = TimeAmount.seconds(1)
    /// Writes of one turn that come from an announcement: some milliseconds.
    private static let announcedPerTurn = 1000

    let eventLoop: any EventLoop
    private let mailbox = Mailbox()
    private let metrics: EdgeMetrics
    private var topics: [Topic: LoopTopic] = [:]
    private var dirty: [LoopTopic] = []
    /// What comes after everything that the tick writes.
    private var afterwards: Deque<@Sendable () -> Void> = []
    private var isTicking = false
    /// While true, connections gather their answers, and are told to write them when it ends.
    private(set) var isGathering = false
    var gatherers: [Connection] = []
    /// While true, what is written is part of a tick, at whose end the gatherers are told to write.
    var isWriting: Bool { isTicking || isGathering }
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var sweep: RepeatedTask?
    /// The time of the last sweep: precise to a second, and free to read.
    private(set) var coarseNow = NIODeadline.now()
    /// Inflates what clients send compressed. A message needs nothing of the one before, so one is enough.
    private(set) lazy var inflater = Inflater()
    /// When the messages that this tick has written came in, and when those that it has acknowledged were accepted. One
    /// look at the clock at its end serves all of them.
    private var written: [NIODeadline] = []
    private var acknowledged: [NIODeadline] = []

    init(eventLoop: any EventLoop, metrics: EdgeMetrics) {
        self.eventLoop = eventLoop
        self.metrics = metrics
    }

    // MARK: From any thread

    /// Hands `item` to the loop; blocks while it is an event and the loop is too far behind.
    func post(_ item: LoopItem) {
        let (mustSchedule, waited) = mailbox.put(item)
        if mustSchedule { eventLoop.execute { [self] in tick() } }
        if waited { metrics.fanoutWaits.increment() }
    }

    // MARK: On the event loop

    func add(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        guard sweep == nil else { return }
        coarseNow = .now()
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: Self.sweepInterval, delay: Self.sweepInterval) {
            [self] _ in
            coarseNow = .now()
            for connection in connections.values { connection.keepAlive(now: coarseNow) }
        }
    }

    func remove(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        sweep?.cancel()
        sweep = nil
    }

    /// All connections, in no order.
    var allConnections: [Connection] { Array(connections.values) }

    private func tick() {
        let (items, hasMore) = mailbox.take(maximumEventBytes: Self.bytesPerTick)
        isTicking = true
        for item in items { perform(item) }
        flushDirty()
        isTicking = false
        isGathering = true
        while let work = afterwards.popFirst() { work() }
        isGathering = false
        for connection in gatherers { connection.writeGathered() }
        gatherers.removeAll(keepingCapacity: true)
        recordTimes()
        if hasMore { eventLoop.execute { [self] in tick() } }
    }

    private func perform(_ item: LoopItem) {
        switch item {
        case .deliver(let delivery):
            guard let topic = topics[delivery.topic] else { return }
            if topic.pending.isEmpty { dirty.append(topic) }
            topic.pending.append(delivery)
        case .enter(let name, let connection, let first):
            let topic = topic(name)
            flush(topic)  // not for the one who comes
            if let first { connection.write(first) }
            topic.add(connection)
        case .exit(let name, let connection):
            leave(name, connection)
        case .write(let frame, let connection):
            flushDirty()  // an answer does not overtake what came before it
            connection.write(frame)
        case .perform(let work):
            flushDirty()
            work()
        case .settle(let work):
            afterwards.append(work)
        case .close(let goodbye, let connection):
            flushDirty()
            connection.beginClosing(goodbye)
        }
    }

    /// Does something once nothing is being written.
    func afterTick(_ work: @escaping @Sendable () -> Void) {
        if isTicking { afterwards.append(work) } else { work() }
    }

    /// A message that was handed to the log at `accepted` is acknowledged.
    func recordAppend(since accepted: NIODeadline) {
        acknowledged.append(accepted)
        if !isTicking, !isGathering { recordTimes() }
    }

    private func recordTimes() {
        guard !written.isEmpty || !acknowledged.isEmpty else { return }
        let now = NIODeadline.now()
        for arrived in written { metrics.deliverySeconds.recordNanoseconds((now - arrived).nanoseconds) }
        for accepted in acknowledged { metrics.appendSeconds.recordNanoseconds((now - accepted).nanoseconds) }
        written.removeAll(keepingCapacity: true)
        acknowledged.removeAll(keepingCapacity: true)
    }

    private func topic(_ name: Topic) -> LoopTopic {
        if let topic = topics[name] { return topic }
        let topic = LoopTopic()
        topics[name] = topic
        return topic
    }

    /// From now on the connection is shown what comes after `cursor`, up to which it was shown everything.
    func goLive(_ name: Topic, _ connection: Connection, at cursor: SequenceNumber) {
        let topic = topic(name)
        flush(topic)
        topic.cursor = max(topic.cursor, cursor)
        topic.add(connection)
    }

    /// The connection is shown no more of the topic. - Returns: the newest message that it was shown.
    @discardableResult
    func leave(_ name: Topic, _ connection: Connection) -> SequenceNumber {
        guard let topic = topics[name] else { return .zero }
        flush(topic)  // still for the one who goes
        topic.remove(connection)
        if topic.isEmpty { topics[name] = nil }
        return topic.cursor
    }

    /// The newest message that the topic's readers here were shown.
    func cursor(of name: Topic) -> SequenceNumber { topics[name]?.cursor ?? .zero }

    /// Shows something to all who are here now and have been greeted, some in each turn of the loop: a turn that wrote to
    /// all would hold everything else up.
    func announce(_ frames: [Delivery.Frame]) {
        announce(frames, to: connections.values.filter(\.isGreeted)[...])
    }

    private func announce(_ frames: [Delivery.Frame], to connections: ArraySlice<Connection>) {
        var written = 0
        for connection in connections.prefix(Self.announcedPerTurn) {
            guard let frame = frames.first(where: { $0.encoding == connection.encoding }) else { continue }
            connection.write(frame.bytes)
            written += 1
        }
        metrics.deliveries.increment(by: written)
        let rest = connections.dropFirst(Self.announcedPerTurn)
        if !rest.isEmpty { eventLoop.execute { [self] in announce(frames, to: rest) } }
    }

    func logRenewed(_ kind: Topic.Kind, _ goodbyes: Fanout.Goodbyes) {
        let readers = connections.values.compactMap { connection in
            connection.logReader.flatMap { $0.reads(kind) ? (connection, $0) : nil }
        }
        for (position, (connection, conversation)) in readers.enumerated() {
            conversation.logRenewed()
            connection.sendAway(after: goodbyes.delay(position, of: readers.count), because: "the history begins anew")
        }
        for (name, topic) in topics where name.kind == kind { topic.cursor = .zero }
    }

    // MARK: Writing

    private func flushDirty() {
        for topic in dirty { flush(topic) }
        dirty.removeAll(keepingCapacity: true)
    }

    private func flush(_ topic: LoopTopic) {
        guard !topic.pending.isEmpty else { return }
        let batch = topic.pending
        topic.pending.removeAll(keepingCapacity: true)
        // Before anything is written: a reader that falls behind with this batch has been written it.
        for case let place? in batch.lazy.map(\.place) { topic.cursor = max(topic.cursor, place.sequence) }
        for case let arrived? in batch.lazy.map(\.arrived) { written.append(arrived) }
        // Senders are marked, so that a recipient costs one test of a flag and no comparison.
        var senders: [Connection] = []
        for delivery in batch {
            delivery.except.forEach { if $0.connectionLoop === self, topic.contains($0) { senders.append($0) } }
        }
        for sender in senders { sender.isSenderInBatch = true }
        for group in topic.groups {
            write(batch.compactMap { $0.frame(in: group.encoding) }, to: group.readers.members)
        }
        for sender in senders where sender.isSenderInBatch {
            sender.isSenderInBatch = false
            guard let conversation = sender.conversation else { continue }
            let frames = batch.compactMap { delivery in
                delivery.except.contains(sender)
                    ? conversation.frame(inPlaceOf: delivery) : delivery.frame(in: sender.encoding)
            }
            if let joined = Self.joined(frames) { sender.write(joined) }
        }
    }

    private func write(_ frames: [ByteBuffer], to members: [Connection]) {
        guard !members.isEmpty, let joined = Self.joined(frames) else { return }
        for member in members where !member.isSenderInBatch { member.write(joined) }
        metrics.deliveries.increment(by: frames.count * members.count)
    }

    private static func joined(_ frames: [ByteBuffer]) -> ByteBuffer? {
        guard frames.count > 1 else { return frames.first }
        let size = frames.reduce(0) { $0 + $1.readableBytes }
        var joined = ByteBufferAllocator().buffer(capacity: size)
        for frame in frames { joined.writeImmutableBuffer(frame) }
        return joined
    }
}
