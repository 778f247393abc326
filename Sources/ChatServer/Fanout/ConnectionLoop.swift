import CoreMetrics
import Domain
import NIOCore

/// One room event on its way to the members on one event loop: encoded once, for all of them.
struct Delivery: Sendable {
    let room: RoomName
    let frame: ByteBuffer
    /// The sender's own connection, which is not shown the event.
    let except: Connection?
}

/// The connections of one event loop, and the rooms they are in.
///
/// This is the fast path: per tick and room the frames that have gathered are joined into one buffer, which each member
/// writes with one system call. Nothing here is done per recipient but that write (docs/decisions/0003-fan-out.md).
///
/// Sendable because everything mutable is touched on `eventLoop` only; other threads leave what they have in `mailbox`.
final class ConnectionLoop: @unchecked Sendable {
    /// Events that one tick takes: enough to make system calls cheap, little against the budget of a slow reader.
    private static let bytesPerTick = 128 << 10
    private static let sweepInterval = TimeAmount.seconds(1)

    let eventLoop: any EventLoop
    private let mailbox = Mailbox()
    private let metrics: EdgeMetrics
    private var rooms: [RoomName: LoopRoom] = [:]
    private var dirty: [LoopRoom] = []
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var sweep: RepeatedTask?
    /// The time of the last sweep: precise to a second, and free to read.
    private(set) var coarseNow = NIODeadline.now()

    init(eventLoop: any EventLoop, metrics: EdgeMetrics) {
        self.eventLoop = eventLoop
        self.metrics = metrics
    }

    // MARK: From any thread

    /// Hands `item` to the loop; blocks while it is a room event and the loop is too far behind.
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
        for item in items { perform(item) }
        flushDirty()
        if hasMore { eventLoop.execute { [self] in tick() } }
    }

    private func perform(_ item: LoopItem) {
        switch item {
        case .deliver(let delivery):
            guard let room = rooms[delivery.room] else { return }
            if room.pending.isEmpty { dirty.append(room) }
            room.pending.append(delivery)
        case .enter(let name, let connection, let first):
            let room = rooms[name] ?? LoopRoom()
            rooms[name] = room
            flush(room)  // not for the one who comes
            connection.write(first)
            room.add(connection)
        case .exit(let name, let connection):
            guard let room = rooms[name] else { return }
            flush(room)  // still for the one who goes
            room.remove(connection)
            if room.members.isEmpty { rooms[name] = nil }
        case .write(let frame, let connection):
            flushDirty()  // an answer does not overtake what came before it
            connection.write(frame)
        case .settled(let conversation):
            conversation.appendSettled()
        case .close(let code, let connection):
            flushDirty()
            connection.beginClosing(code)
        }
    }

    private func flushDirty() {
        for room in dirty { flush(room) }
        dirty.removeAll(keepingCapacity: true)
    }

    private func flush(_ room: LoopRoom) {
        guard let first = room.pending.first else { return }
        let batch = room.pending
        room.pending.removeAll(keepingCapacity: true)
        let joined = batch.count == 1 ? first.frame : Self.join(batch.lazy.map(\.frame))
        // Senders are marked, so that a recipient costs one test of a flag and no comparison.
        let senders = batch.compactMap(\.except).filter { $0.connectionLoop === self }
        for sender in senders { sender.isSenderInBatch = true }
        for member in room.members where !member.isSenderInBatch { member.write(joined) }
        for sender in senders where sender.isSenderInBatch {
            sender.isSenderInBatch = false
            let others = batch.filter { $0.except !== sender }
            if !others.isEmpty, room.contains(sender) { sender.write(Self.join(others.lazy.map(\.frame))) }
        }
        metrics.deliveries.increment(by: batch.count * room.members.count)
    }

    private static func join(_ frames: some Sequence<ByteBuffer>) -> ByteBuffer {
        let size = frames.reduce(0) { $0 + $1.readableBytes }
        var joined = ByteBufferAllocator().buffer(capacity: size)
        for frame in frames { joined.writeImmutableBuffer(frame) }
        return joined
    }
}

/// The members of one room on one event loop. Used on that loop only.
final class LoopRoom {
    private(set) var members: [Connection] = []
    private var positions: [ObjectIdentifier: Int] = [:]
    var pending: [Delivery] = []

    func contains(_ connection: Connection) -> Bool { positions[ObjectIdentifier(connection)] != nil }

    func add(_ connection: Connection) {
        guard !contains(connection) else { return }
        positions[ObjectIdentifier(connection)] = members.count
        members.append(connection)
    }

    /// The last member takes the place that becomes free: no member is moved for another's leaving but that one.
    func remove(_ connection: Connection) {
        guard let position = positions.removeValue(forKey: ObjectIdentifier(connection)),
            let last = members.popLast(), last !== connection
        else { return }
        members[position] = last
        positions[ObjectIdentifier(last)] = position
    }
}
