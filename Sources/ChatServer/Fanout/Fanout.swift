import Domain
import NIOCore
import Service
import Synchronization
import Wire

/// Takes an event once per instance, encodes it once per dialect that has readers, and hands it to every event loop that
/// has some.
final class Fanout: RoomDelivery {
    /// How many readers of a topic are on one event loop.
    private struct Audience {
        var classic = 0
        var v2 = 0

        var isEmpty: Bool { classic <= 0 && v2 <= 0 }
    }

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
    /// By the loop's place in `loops`.
    private let audiences = Mutex<[Topic: [Audience]]>([:])

    init(eventLoopGroup: any EventLoopGroup, goodbyes: Goodbyes, metrics: EdgeMetrics) {
        loops = eventLoopGroup.makeIterator().map { ConnectionLoop(eventLoop: $0, metrics: metrics) }
        self.goodbyes = goodbyes
    }

    /// - Returns: nil for an event loop of another group.
    func loop(of channel: any Channel) -> ConnectionLoop? {
        loops.first { $0.eventLoop === channel.eventLoop }
    }

    // MARK: Who reads what

    /// For the classic dialect: shows the event, and from then on those of the room.
    func enter(_ room: RoomName, _ connection: Connection, showing event: TopicEvent) {
        count(connection, in: .room(room), .classic, by: 1)
        connection.connectionLoop.post(
            .enter(.room(room), connection, first: ServerFrame.text(ClassicEvent(event)?.json ?? [])))
    }

    func exit(_ room: RoomName, _ connection: Connection) {
        count(connection, in: .room(room), .classic, by: -1)
        connection.connectionLoop.post(.exit(.room(room), connection))
    }

    /// For `chat.v2`: from now on the loop of the connection is told of the topic's events.
    func beginLive(_ topic: Topic, _ connection: Connection) { count(connection, in: topic, .v2, by: 1) }

    func endLive(_ topic: Topic, _ connection: Connection) { count(connection, in: topic, .v2, by: -1) }

    private func count(_ connection: Connection, in topic: Topic, _ dialect: Dialect, by change: Int) {
        guard let position = loops.firstIndex(where: { $0 === connection.connectionLoop }) else { return }
        audiences.withLock { audiences in
            var audience = audiences[topic] ?? Array(repeating: Audience(), count: loops.count)
            switch dialect {
            case .classic: audience[position].classic += change
            case .v2: audience[position].v2 += change
            }
            audiences[topic] = audience.allSatisfy(\.isEmpty) ? nil : audience
        }
    }

    // MARK: RoomDelivery

    func deliver(_ event: TopicEvent, except sender: (any ClientConnection)?, heldBack: Duration) {
        deliver(event, except: sender, heldBack: heldBack, toReaders: true)
    }

    func deliverLate(_ event: TopicEvent, except sender: (any ClientConnection)?) {
        deliver(event, except: sender, heldBack: .zero, toReaders: false)
    }

    private func deliver(
        _ event: TopicEvent, except sender: (any ClientConnection)?, heldBack: Duration, toReaders: Bool
    ) {
        guard let audience = audiences.withLock({ $0[event.topic] }) else { return }
        let hasV2 = toReaders && audience.contains { $0.v2 > 0 }
        let delivery = Delivery(
            topic: event.topic,
            classic: audience.contains { $0.classic > 0 }
                ? ClassicEvent(event).map { ServerFrame.text($0.json) } : nil,
            v2: hasV2 ? V2Event(event).map { ServerFrame.text(V2Frame($0).json) } : nil,
            message: hasV2 ? event.place : nil,
            arrived: event.place.map { _ in .now() - TimeAmount(heldBack) },
            except: sender as? Connection)
        guard delivery.bytes > 0 else { return }
        for (loop, readers) in zip(loops, audience) where !readers.isEmpty { loop.post(.deliver(delivery)) }
    }

    func logRenewed(_ kind: Topic.Kind) {
        // Spread within each loop, all loops at once: who cannot be shown anything should not wait for long.
        for loop in loops {
            loop.post(.perform { [goodbyes] in loop.logRenewed(kind, goodbyes) })
        }
    }
}

extension TopicEvent {
    fileprivate var place: Delivery.Message? {
        guard case .entry(let entry) = self, let message = entry.message else { return nil }
        return .init(id: message.id, timestamp: message.timestamp, sequence: entry.sequence)
    }
}
