import Domain
import Foundation
import Logging
import Service
import Synchronization

/// The room bus on NATS: one subscription per active room for what is stored, and one for all notices.
///
/// One subscription for the notices of all rooms, not one per room: notices are few, and a room then costs NATS one
/// subscription per instance instead of two (docs/decisions/0005-one-subscription-per-room.md).
final class NATSRoomBus: RoomBus {
    private struct State {
        var receive: (@Sendable (RoomEvent) -> Void)?
        var rooms: [RoomName: NATSSubscription] = [:]
        var notices: NATSSubscription?
    }

    private let connection: NATSConnection
    private let epoch: Epoch
    private let time: TimeSource
    private let logger: Logger
    private let state = Mutex(State())

    init(connection: NATSConnection, epoch: Epoch, time: TimeSource, logger: Logger) {
        self.connection = connection
        self.epoch = epoch
        self.time = time
        self.logger = logger
    }

    func start(_ receive: @escaping @Sendable (RoomEvent) -> Void) {
        do throws(NATSError) {
            let notices = try NATSSubscription(to: Subject.allPresence, on: connection) { message in
                guard let notice = PresencePayload.decode(message.payload) else { return }
                receive(.membership(notice))
            }
            state.withLock { state in
                state.receive = receive
                state.notices = notices
            }
        } catch {
            // Only where the connection is closed for good: the process is on its way out.
            logger.error("cannot subscribe to notices", metadata: ["error": "\(error)"])
        }
    }

    func follow(_ room: RoomName) throws(ChatError) {
        guard let receive = state.withLock({ $0.receive }) else {
            throw ChatError(.unavailable, "the server is starting, try again")
        }
        do throws(NATSError) {
            let subscription = try NATSSubscription(to: Subject.live(room), on: connection) { [self] message in
                if let event = event(in: message, room: room) { receive(event) }
            }
            state.withLock { $0.rooms[room] = subscription }
        } catch {
            throw ChatError(.unavailable, "the room cannot be entered now, try again later", cause: error)
        }
    }

    func unfollow(_ room: RoomName) {
        state.withLock { $0.rooms.removeValue(forKey: room) }?.cancel()
    }

    func announce(_ notice: MembershipNotice) throws(ChatError) {
        do throws(NATSError) {
            try connection.publish(PresencePayload.encode(notice), to: Subject.presence(notice.room))
        } catch {
            throw ChatError(.unavailable, "the other servers cannot be reached", cause: error)
        }
    }

    private func event(in message: borrowing NATSMessage, room: RoomName) -> RoomEvent? {
        guard let sequence = message.header("Nats-Sequence").flatMap({ UInt64($0) }) else {
            logger.debug("a message without a sequence on a live subject was left out")
            return nil
        }
        return StoredPayload.decode(
            message.payload, room: room, sequence: SequenceNumber(sequence), epoch: epoch.name, now: time.wall())
    }
}

/// Names the incarnation of the log: when its stream was created. Changes where somebody deletes the stream.
final class Epoch: Sendable {
    private let created: Mutex<Int64>

    /// - Parameter created: nanoseconds since 1970, as JetStream tells.
    init(created: Int64) { self.created = Mutex(created) }

    var name: String { String(created.withLock { $0 }, radix: 36) }

    func update(created new: Int64) { created.withLock { $0 = new } }
}
