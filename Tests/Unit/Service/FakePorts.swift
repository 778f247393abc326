import Domain
import Infrastructure
import Service
import Synchronization
import Testing

/// The embedded adapters, which can be taken down port by port, and which object to calls that the ports forbid.
final class FakePorts: MessageLog, RoomBus, PresenceStore {
    /// What can be out of reach.
    enum Part {
        case append, read, follow, announce, claim, move, lists
    }

    private struct State {
        var down: Set<Part> = []
        var followed: Set<RoomName> = []
        var entriesToLose = 0
        var isStarted = false
        /// Those who have been announced as come and not yet as gone.
        var present: Set<SessionID> = []
        var lost: Set<SessionID> = []
    }

    private let log = EmbeddedRoomLog()
    private let presence = EmbeddedPresenceStore()
    private let state = Mutex(State())
    private let outage = ChatError(.unavailable, "down")

    func takeDown(_ parts: Part...) { state.withLock { $0.down.formUnion(parts) } }

    func bringBack() { state.withLock { $0.down = [] } }

    /// The next `count` entries do not come through the bus.
    func loseEntries(_ count: Int) { state.withLock { $0.entriesToLose = count } }

    /// Tells that the session has lost its name, as the store does after an outage.
    func lose(_ session: SessionID, of observer: any PresenceObserver) {
        state.withLock { _ = $0.lost.insert(session) }
        observer.presenceLost(session)
    }

    var followed: Set<RoomName> { state.withLock { $0.followed } }

    /// Returns when everything that was appended and announced before has been handed to the receiver.
    func settle() async throws {
        let room = try RoomName("nobody's")
        let draft = Draft(
            id: .random(), room: room, sender: try Username("nobody"), content: "",
            timestamp: Timestamp(millisecondsSince1970: 0))
        // The embedded log does one thing after the other.
        await withCheckedContinuation { continuation in log.append(draft) { _ in continuation.resume() } }
    }

    private func check(_ part: Part) throws(ChatError) {
        if state.withLock({ $0.down.contains(part) }) { throw outage }
    }

    // MARK: MessageLog

    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        do throws(ChatError) {
            try check(.append)
            log.append(draft, completion: completion)
        } catch {
            completion(.failure(error))
        }
    }

    func head(of room: RoomName) async throws(ChatError) -> SequenceNumber {
        try check(.read)
        return try await log.head(of: room)
    }

    func read(
        _ room: RoomName?, after sequence: SequenceNumber, _ batch: @escaping @Sendable ([LogEntry]) -> Void
    ) async throws(ChatError) -> SequenceNumber {
        try check(.read)
        return try await log.read(room, after: sequence, batch)
    }

    // MARK: RoomBus

    func start(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        state.withLock { state in
            if state.isStarted { Issue.record("started twice") }
            state.isStarted = true
        }
        log.start { [self] event in
            let isLost = state.withLock { state in
                guard case .entry = event, state.entriesToLose > 0 else { return false }
                state.entriesToLose -= 1
                return true
            }
            if !isLost { receive(event) }
        }
    }

    func follow(_ room: RoomName) throws(ChatError) {
        try check(.follow)
        state.withLock { state in
            if !state.followed.insert(room).inserted { Issue.record("\(room) is followed already") }
        }
        try log.follow(room)
    }

    func unfollow(_ room: RoomName) {
        state.withLock { state in
            if state.followed.remove(room) == nil { Issue.record("\(room) was not followed") }
        }
        log.unfollow(room)
    }

    func announce(_ notice: MembershipNotice) throws(ChatError) {
        state.withLock { state in
            guard let session = notice.session else { return }
            switch notice.change {
            case .joined: state.present.insert(session)
            case .left: state.present.remove(session)
            }
        }
        try check(.announce)
        try log.announce(notice)
    }

    // MARK: PresenceStore

    func start(_ observer: any PresenceObserver) { presence.start(observer) }

    func claim(_ username: Username, for session: SessionID, entering room: RoomName) async throws(ChatError) {
        try check(.claim)
        try await presence.claim(username, for: session, entering: room)
    }

    func move(_ session: SessionID, from old: RoomName, to new: RoomName) async throws(ChatError) {
        try check(.move)
        try await presence.move(session, from: old, to: new)
    }

    func release(_ session: SessionID) async {
        // Once the name is free another instance may announce its next user.
        state.withLock { state in
            if !state.lost.contains(session), state.present.contains(session) {
                Issue.record("released before its departure was told")
            }
        }
        await presence.release(session)
    }

    func users() async throws(ChatError) -> [String] {
        try check(.lists)
        return try await presence.users()
    }

    func users(in room: RoomName) async throws(ChatError) -> [String] {
        try check(.lists)
        return try await presence.users(in: room)
    }

    func rooms() async throws(ChatError) -> [RoomSummary] {
        try check(.lists)
        return try await presence.rooms()
    }
}
