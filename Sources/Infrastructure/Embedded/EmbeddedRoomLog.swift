import Dispatch
public import Domain
public import Service
import Synchronization

/// Log and bus within the process, for a single instance that needs neither NATS nor Redis.
///
/// One serial queue gives messages their order, acknowledges them and hands them on; a receiver that blocks slows it
/// down, which the bound on waiting appends turns into refusals.
public final class EmbeddedRoomLog: MessageLog, RoomBus {
    private struct State {
        var receive: (@Sendable (RoomEvent) -> Void)?
        var followed: Set<RoomName> = []
        var lastSequence: UInt64 = 0
        var waiting = 0
    }

    private static let maximumWaiting = 65_536

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "embedded-log")

    public init() {}

    public func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        let isAccepted = state.withLock { state in
            guard state.waiting < Self.maximumWaiting else { return false }
            state.waiting += 1
            return true
        }
        guard isAccepted else {
            return completion(.failure(ChatError(.unavailable, "not sent: too many messages are waiting, try again")))
        }
        queue.async { [self] in
            let (sequence, receive) = state.withLock { state in
                state.waiting -= 1
                state.lastSequence += 1
                return (
                    SequenceNumber(state.lastSequence), state.followed.contains(draft.room) ? state.receive : nil
                )
            }
            completion(.success(Appended(sequence: sequence, isDuplicate: false)))
            receive?(
                .message(
                    ChatMessage(
                        id: draft.id, room: draft.room, sender: draft.sender.text, content: draft.content,
                        timestamp: draft.timestamp, sequence: sequence)))
        }
    }

    public func start(_ receive: @escaping @Sendable (RoomEvent) -> Void) {
        state.withLock { $0.receive = receive }
    }

    public func follow(_ room: RoomName) throws(ChatError) {
        state.withLock { _ = $0.followed.insert(room) }
    }

    public func unfollow(_ room: RoomName) {
        state.withLock { _ = $0.followed.remove(room) }
    }

    public func announce(_ notice: MembershipNotice) throws(ChatError) {
        queue.async { [self] in
            state.withLock { $0.followed.contains(notice.room) ? $0.receive : nil }?(.membership(notice))
        }
    }
}
