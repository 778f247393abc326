public import Domain
public import Service
import Synchronization

/// Presence within one process. No call can fail, because nothing has to be reached, and no other instance can die.
public final class EmbeddedPresenceStore: PresenceStore {
    private struct Session {
        let username: Username
        let secret: SessionSecret?
        let inboxStart: SequenceNumber?
        /// In the order of entering.
        var rooms: [RoomName]
    }

    private struct State {
        var owners: [Username: SessionID] = [:]
        var sessions: [SessionID: Session] = [:]
        var users = SortedNames()
        var rooms = SortedNames()
        /// Sorted, by the room's name. A room without members has no entry.
        var members: [ExactText: SortedNames] = [:]

        mutating func enter(_ username: Username, _ room: RoomName) {
            members[ExactText(room.text), default: SortedNames()].insert(username.text)
            rooms.insert(room.text)
        }

        mutating func exit(_ username: Username, _ room: RoomName) {
            members[ExactText(room.text)]?.remove(username.text)
            guard members[ExactText(room.text)]?.count == 0 else { return }
            members[ExactText(room.text)] = nil
            rooms.remove(room.text)
        }

        func count(_ room: RoomName) -> Int { members[ExactText(room.text)]?.count ?? 0 }
    }

    private let state = Mutex(State())

    public init() {}

    /// Does nothing: the observer hears of instances that die and of names that get lost, and here is only this
    /// instance.
    public func start(_ observer: any PresenceObserver) {}

    public func claim(_ claim: Claim) async throws(ChatError) -> Claimed {
        try state.withLock { state throws(ChatError) in
            let session: Session
            let predecessor = state.owners[claim.username]
            if let predecessor {
                guard let earlier = state.sessions[predecessor], let secret = earlier.secret, secret == claim.presented
                else { throw .usernameTaken }
                state.sessions[predecessor] = nil
                session = earlier
            } else {
                session = Session(
                    username: claim.username, secret: claim.secret, inboxStart: claim.inboxStart,
                    rooms: claim.room.map { [$0] } ?? [])
                state.users.insert(claim.username.text)
                if let room = claim.room { state.enter(claim.username, room) }
            }
            state.owners[claim.username] = claim.session
            state.sessions[claim.session] = session
            return Claimed(
                predecessor: predecessor, secret: session.secret,
                rooms: session.rooms.map { ($0, state.count($0)) }, inboxStart: session.inboxStart)
        }
    }

    @discardableResult
    public func move(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?
    ) async throws(ChatError) -> [RoomName: Int] {
        try state.withLock { state throws(ChatError) in
            guard var moving = state.sessions[session] else { throw .usernameTaken }
            let left = leaving.filter { $0 != entering }
            for room in left { state.exit(moving.username, room) }
            moving.rooms.removeAll { $0 == entering || left.contains($0) }
            if let entering {
                state.enter(moving.username, entering)
                moving.rooms.append(entering)
            }
            state.sessions[session] = moving
            let rooms = left.union(entering.map { [$0] } ?? [])
            return Dictionary(uniqueKeysWithValues: rooms.map { ($0, state.count($0)) })
        }
    }

    public func release(_ session: SessionID) async {
        state.withLock { state in
            guard let session = state.sessions.removeValue(forKey: session) else { return }
            for room in session.rooms { state.exit(session.username, room) }
            state.owners[session.username] = nil
            state.users.remove(session.username.text)
        }
    }

    /// Always false: if this process is suspended, its store is suspended with it.
    public var namesAreDoubtful: Bool { false }
    public func confirmNames() async {}

    public func contains(_ username: Username) async throws(ChatError) -> Bool {
        state.withLock { $0.owners[username] != nil }
    }

    public func users(in room: RoomName?, _ range: ListRange) async throws(ChatError) -> ListPage<String> {
        state.withLock { state in
            guard let room else { return state.users.page(range) }
            return state.members[ExactText(room.text)]?.page(range) ?? ListPage(elements: [], more: false, total: 0)
        }
    }

    public func rooms(_ range: ListRange) async throws(ChatError) -> ListPage<RoomSummary> {
        state.withLock { state in
            let page = state.rooms.page(range)
            let rooms = page.elements.map { RoomSummary(name: $0, members: state.members[ExactText($0)]?.count ?? 0) }
            return ListPage(elements: rooms, more: page.more, total: page.total)
        }
    }
}
