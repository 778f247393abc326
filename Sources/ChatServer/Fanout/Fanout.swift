import Domain
import NIOCore
import Service
import Synchronization

/// Takes an event once per instance, puts it into bytes once per encoding that has readers, and hands it to every event
/// loop that has some.
final class Fanout: TopicDelivery {
    /// Over how long goodbyes to many connections are spread.
    struct Goodbyes: Sendable {
        /// How fast connections are sent away, as long as that fits into the window.
        static let pace = TimeAmount.milliseconds(10)

        let window: TimeAmount

        /// When the connection at `position` of `count` is to go.
        func delay(_ position: Int, of count: Int) -> TimeAmount {
            let step = min(Self.pace.nanoseconds, window.nanoseconds / Int64(max(1, count)))
            return .nanoseconds(step * Int64(position))
        }
    }

    let loops: [ConnectionLoop]
    let goodbyes: Goodbyes
    private let encodings: EncodingTable
    private let audiences = Mutex<[Topic: Audience]>([:])

    init(
        eventLoopGroup: any EventLoopGroup, encodings: EncodingTable, goodbyes: Goodbyes, metrics: EdgeMetrics
    ) {
        self.encodings = encodings
        loops = eventLoopGroup.makeIterator().map { ConnectionLoop(eventLoop: $0, metrics: metrics) }
        self.goodbyes = goodbyes
    }

    /// - Returns: nil for an event loop of another group.
    func loop(of channel: any Channel) -> ConnectionLoop? {
        loops.first { $0.eventLoop === channel.eventLoop }
    }

    // MARK: Who reads what

    /// Shows the event to the connection, and from then on those of the room.
    func enter(_ room: RoomName, _ connection: Connection, showing event: TopicEvent) {
        count(connection, in: .room(room), by: 1)
        connection.connectionLoop.post(
            .enter(.room(room), connection, first: encodings.frame(of: event, in: connection.encoding)))
    }

    func exit(_ room: RoomName, _ connection: Connection) {
        count(connection, in: .room(room), by: -1)
        connection.connectionLoop.post(.exit(.room(room), connection))
    }

    /// From now on the connection's loop is told of the topic's events; what it shows of them is the reader's business.
    func beginLive(_ topic: Topic, _ connection: Connection) { count(connection, in: topic, by: 1) }

    func endLive(_ topic: Topic, _ connection: Connection) { count(connection, in: topic, by: -1) }

    private func count(_ connection: Connection, in topic: Topic, by change: Int) {
        guard let position = loops.firstIndex(where: { $0 === connection.connectionLoop }) else { return }
        audiences.withLock { audiences in
            audiences[topic, default: Audience(loops: loops.count, encodings: encodings.entries.count)]
                .change(connection.encoding, onLoop: position, by: change)
            if audiences[topic]?.isEmpty ?? false { audiences[topic] = nil }
        }
    }

    // MARK: TopicDelivery

    func deliver(_ event: TopicEvent, except senders: UserConnections, heldBack: Duration) {
        deliver(event, except: senders, heldBack: heldBack, toReaders: true)
    }

    func deliverLate(_ event: TopicEvent, except senders: UserConnections) {
        deliver(event, except: senders, heldBack: .zero, toReaders: false)
    }

    private func deliver(
        _ event: TopicEvent, except senders: UserConnections, heldBack: Duration, toReaders: Bool
    ) {
        guard let audience = audiences.withLock({ $0[event.topic] }) else { return }
        var frames: [Delivery.Frame] = []
        var isCounted = false
        for entry in encodings.entries where toReaders || !entry.readsLog {
            guard audience.has(entry.encoding), let bytes = entry.frame(event) else { continue }
            frames.append(.init(encoding: entry.encoding, bytes: bytes))
            if entry.readsLog { isCounted = true }
        }
        guard !frames.isEmpty else { return }
        let place = event.place
        let delivery = Delivery(
            topic: event.topic, frames: frames, place: isCounted ? place : nil,
            arrived: place.map { _ in .now() - TimeAmount(heldBack) }, except: Delivery.Senders(senders),
            id: place?.id)
        for (position, loop) in loops.enumerated()
        where frames.contains(where: { audience.has($0.encoding, onLoop: position) }) {
            loop.post(.deliver(delivery))
        }
    }

    /// Encodes the announcement once per encoding, whoever is connected.
    func announce(_ announcement: ServerAnnouncement) {
        let frames = encodings.entries.compactMap { entry in
            entry.announcement(announcement).map { Delivery.Frame(encoding: entry.encoding, bytes: $0) }
        }
        for loop in loops { loop.post(.perform { loop.announce(frames) }) }
    }

    func logRenewed(_ kind: Topic.Kind) {
        // Spread within each loop, all loops at once: who cannot be shown anything should not wait for long.
        for loop in loops {
            loop.post(.perform { [goodbyes] in loop.logRenewed(kind, goodbyes) })
        }
    }
}

extension TopicEvent {
    /// Where the log has the event; nil for what is no contribution of a user's.
    fileprivate var place: Delivery.Place? {
        guard case .entry(let entry) = self, let traits = entry.traits else { return nil }
        return .init(id: traits.id, timestamp: traits.timestamp, sequence: entry.sequence)
    }
}
