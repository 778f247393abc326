public import Domain
public import Service
import Synchronization

/// Presence within one process: nothing to reach, so nothing that fails, and nobody else who could die.
public final class EmbeddedPresenceStore: PresenceStore {
    private struct State {
        var owners: [Username: SessionID] = [:]
        var sessions: [SessionID: (username: Username, room: RoomName)] = [:]
        /// Holds no empty room.
        var members: [RoomName: Set<Username>] = [:]

        mutating func enter(_ username: Username, _ room: RoomName) {
            members[room, default: []].insert(username)
        }

        mutating func exit(_ username: Username, _ room: RoomName) {
            members[room]?.remove(username)
            if members[room]?.isEmpty == true { members[room] = nil }
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// The observer would hear of instances that die and of names that get lost. Here is only this instance.
    public func start(_ observer: any PresenceObserver) {}

    public func claim(
        _ username: Username, for session: SessionID, entering room: RoomName
    ) async throws(ChatError) {
        try state.withLock { state throws(ChatError) in
            guard state.owners[username] == nil else { throw .usernameTaken }
            state.owners[username] = session
            state.sessions[session] = (username, room)
            state.enter(username, room)
        }
    }

    public func move(_ session: SessionID, from old: RoomName, to new: RoomName) async throws(ChatError) {
        try state.withLock { state throws(ChatError) in
            guard let username = state.sessions[session]?.username else { throw .usernameTaken }
            state.exit(username, old)
            state.enter(username, new)
            state.sessions[session] = (username, new)
        }
    }

    public func release(_ session: SessionID) async {
        state.withLock { state in
            guard let (username, room) = state.sessions.removeValue(forKey: session) else { return }
            state.exit(username, room)
            state.owners[username] = nil
        }
    }

    public func users() async throws(ChatError) -> [String] {
        state.withLock { $0.owners.keys.map(\.text) }
    }

    public func users(in room: RoomName) async throws(ChatError) -> [String] {
        state.withLock { state in (state.members[room] ?? []).map(\.text) }
    }

    public func rooms() async throws(ChatError) -> [RoomSummary] {
        state.withLock { state in
            state.members.map { RoomSummary(name: $0.key.text, members: $0.value.count) }
        }
    }
}
