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
        var receive: (@Sendable (BusEvent) -> Void)?
        /// The rooms that are followed. Without a subscription: not yet, since NATS was away.
        var rooms: [RoomName: NATSSubscription?] = [:]
        /// To be ended when NATS is back.
        var ended: [NATSSubscription] = []
        var notices: NATSSubscription?
    }

    private let connection: NATSConnection
    private let decoder: EntryDecoder
    private let logger: Logger
    private let state = Mutex(State())

    init(connection: NATSConnection, decoder: EntryDecoder, logger: Logger) {
        self.connection = connection
        self.decoder = decoder
        self.logger = logger
    }

    func start(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        do throws(NATSError) {
            let notices = try NATSSubscription(to: Subject.allPresence, on: connection) { message in
                guard let notice = PresencePayload.decode(message.payload) else { return }
                receive(.notice(notice))
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
        // While NATS is away nats.c may hold its lock for a second at a time, trying to connect; nobody waits for that.
        guard connection.isConnected else { return state.withLock { $0.rooms[room] = .some(nil) } }
        do throws(NATSError) {
            let subscription = try subscribe(to: room)
            state.withLock { $0.rooms[room] = subscription }
        } catch {
            throw ChatError(.unavailable, "the room cannot be entered now, try again later", cause: error)
        }
    }

    func unfollow(_ room: RoomName) {
        let isConnected = connection.isConnected
        let ended = state.withLock { state -> NATSSubscription? in
            guard let subscription = state.rooms.removeValue(forKey: room) ?? nil else { return nil }
            if !isConnected { state.ended.append(subscription) }
            return isConnected ? subscription : nil
        }
        ended?.cancel()
    }

    /// Does what was put off while NATS was away. Called when it is back, before ``BusEvent/interrupted`` is told.
    func catchUp() {
        let (ended, missing) = state.withLock { state in
            defer { state.ended = [] }
            return (state.ended, state.rooms.filter { $0.value == nil }.map(\.key))
        }
        for subscription in ended { subscription.cancel() }
        for room in missing {
            do throws(NATSError) {
                let subscription = try subscribe(to: room)
                let isWanted = state.withLock { state in
                    guard let known = state.rooms[room], known == nil else { return false }
                    state.rooms[room] = subscription
                    return true
                }
                if !isWanted { subscription.cancel() }
            } catch {
                // The connection is closed for good: the process is on its way out.
                logger.error("cannot subscribe to a room", metadata: ["error": "\(error)"])
            }
        }
    }

    private func subscribe(to room: RoomName) throws(NATSError) -> NATSSubscription {
        let receive = state.withLock { $0.receive }
        return try NATSSubscription(to: Subject.live(room), on: connection) { [decoder, logger] message in
            guard let entry = decoder.live(message, in: room) else {
                return logger.debug("a message without a sequence on a live subject was left out")
            }
            receive?(.entry(entry))
        }
    }

    func announce(_ notice: MembershipNotice) throws(ChatError) {
        do throws(NATSError) {
            try connection.publish(PresencePayload.encode(notice), to: Subject.presence(notice.room))
        } catch {
            throw ChatError(.unavailable, "the other servers cannot be reached", cause: error)
        }
    }

    /// Passes on what happened to the connection.
    func tell(_ event: BusEvent) { state.withLock { $0.receive }?(event) }
}
