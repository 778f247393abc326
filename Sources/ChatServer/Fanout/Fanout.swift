import Domain
import NIOCore
import Service
import Synchronization
import Wire

/// Takes an event once per instance, encodes it once, and hands it to every event loop that has members of its room.
final class Fanout: RoomDelivery {
    let loops: [ConnectionLoop]
    /// How many members of each room are on each loop, by the loop's place in `loops`.
    private let audiences = Mutex<[RoomName: [Int]]>([:])

    init(eventLoopGroup: any EventLoopGroup, metrics: EdgeMetrics) {
        loops = eventLoopGroup.makeIterator().map { ConnectionLoop(eventLoop: $0, metrics: metrics) }
    }

    /// - Returns: nil for an event loop of another group.
    func loop(of channel: any Channel) -> ConnectionLoop? {
        loops.first { $0.eventLoop === channel.eventLoop }
    }

    func enter(_ room: RoomName, _ connection: Connection, showing event: RoomEvent) {
        count(connection, in: room, by: 1)
        connection.connectionLoop.post(.enter(room, connection, first: Self.frame(event)))
    }

    func exit(_ room: RoomName, _ connection: Connection) {
        count(connection, in: room, by: -1)
        connection.connectionLoop.post(.exit(room, connection))
    }

    func deliver(_ event: RoomEvent, except sender: (any ClientConnection)?) {
        guard let audience = audiences.withLock({ $0[event.room] }) else { return }
        let delivery = Delivery(
            room: event.room, frame: Self.frame(event), except: sender as? Connection)
        for (loop, members) in zip(loops, audience) where members > 0 {
            loop.post(.deliver(delivery))
        }
    }

    private static func frame(_ event: RoomEvent) -> ByteBuffer { ServerFrame.text(ClassicEvent(event).json) }

    private func count(_ connection: Connection, in room: RoomName, by change: Int) {
        guard let position = loops.firstIndex(where: { $0 === connection.connectionLoop }) else { return }
        audiences.withLock { audiences in
            var audience = audiences[room] ?? Array(repeating: 0, count: loops.count)
            audience[position] += change
            audiences[room] = audience.contains { $0 > 0 } ? audience : nil
        }
    }
}
