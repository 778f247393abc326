import Domain
import Foundation
import Logging
import Service
import Synchronization

/// The topic bus on NATS: one subscription per active topic for stored entries, and three for all announcements.
///
/// One subscription for the notices of all rooms, not one per room: notices are few, and a room then costs NATS one
/// subscription per instance instead of two (docs/decisions/0005-one-subscription-per-room.md).
final class NATSBus: TopicBus {
    private struct State {
        var receive: (@Sendable (BusEvent) -> Void)?
        /// The subscriptions, by topic.
        var topics: [Topic: NATSSubscription] = [:]
        var announcements: [NATSSubscription] = []
    }

    private let connection: NATSConnection
    private let decoders: PerKind<EntryDecoder>
    private let logger: Logger
    private let state = Mutex(State())

    init(connection: NATSConnection, decoders: PerKind<EntryDecoder>, logger: Logger) {
        self.connection = connection
        self.decoders = decoders
        self.logger = logger
    }

    func start(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        state.withLock { $0.receive = receive }
        do throws(NATSError) {
            for subject in [Subject.allPresence, Subject.succession] {
                let subscription = try NATSSubscription(to: subject, on: connection) { message in
                    guard let announcement = AnnouncementPayload.decode(message.payload) else { return }
                    receive(.announcement(announcement))
                }
                state.withLock { $0.announcements.append(subscription) }
            }
            let subscription = try NATSSubscription(to: Subject.administration, on: connection) { message in
                guard let notice = AdministrationPayload.decode(message.payload) else { return }
                receive(.announcement(.administration(notice)))
            }
            state.withLock { $0.announcements.append(subscription) }
        } catch {
            // This happens only when the connection was closed for good, because the process ends.
            logger.error("cannot subscribe to announcements", metadata: ["error": "\(error)"])
        }
    }

    func follow(_ topic: Topic) throws(ChatError) {
        do throws(NATSError) {
            let subscription = try subscribe(to: topic)
            state.withLock { $0.topics[topic] = subscription }
        } catch {
            throw ChatError(.unavailable, "the room cannot be entered now, try again later", cause: error)
        }
    }

    func unfollow(_ topic: Topic) { state.withLock { $0.topics.removeValue(forKey: topic) }?.cancel() }

    private func subscribe(to topic: Topic) throws(NATSError) -> NATSSubscription {
        let receive = state.withLock { $0.receive }
        let decoder = decoders[topic.kind]
        return try NATSSubscription(to: Subject.live(topic), on: connection) { [logger] message in
            guard let entry = decoder.live(message, in: topic) else {
                return logger.debug("a message without a sequence on a live subject was left out")
            }
            receive?(.entry(entry))
        }
    }

    func announce(_ announcement: Announcement) throws(ChatError) {
        let subject =
            switch announcement {
            case .membership(let notice): Subject.presence(notice.room)
            case .typing(let notice): Subject.presence(notice.room)
            case .succession: Subject.succession
            case .administration: Subject.administration
            }
        do throws(NATSError) {
            try connection.publish(AnnouncementPayload.encode(announcement), to: subject)
        } catch {
            throw ChatError(.unavailable, "the other servers cannot be reached", cause: error)
        }
    }

    /// Reports what happened to the connection or to a stream. The receiver may block the calling thread.
    func tell(_ event: BusEvent) { state.withLock { $0.receive }?(event) }

    /// As ``tell(_:)``, for a task, whose thread must not block. Returns when the receiver has returned.
    func tellBlocking(_ event: BusEvent) async { await onBlockingThread { [self] in tell(event) } }
}
