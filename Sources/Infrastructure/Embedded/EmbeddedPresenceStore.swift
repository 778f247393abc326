public import Domain
public import Service
import Synchronization

public final class EmbeddedPresenceStore: PresenceStore {
    let s = Mutex<[SessionID: (Username, RoomName)]>([:])
    public init() {}
    public func start(_ observer: any PresenceObserver) {}
    public func claim(_ username: Username, for session: SessionID, entering room: RoomName) async throws(ChatError) {
        try s.withLock { s throws(ChatError) in
            if s.values.contains(where: { $0.0 == username }) { throw .usernameTaken }; s[session] = (username, room)
        }
    }
    public func move(_ session: SessionID, from old: RoomName, to new: RoomName) async throws(ChatError) {
        s.withLock { $0[session]?.1 = new }
    }
    public func release(_ session: SessionID) async { s.withLock { $0[session] = nil } }
    public func users() async throws(ChatError) -> [String] { s.withLock { $0.values.map { $0.0.text } } }
    public func users(in room: RoomName) async throws(ChatError) -> [String] {
        s.withLock { $0.values.filter { $0.1 == room }.map { $0.0.text } }
    }
    public func rooms() async throws(ChatError) -> [RoomSummary] {
        s.withLock {
            Dictionary(grouping: $0.values, by: { $0.1 }).map {
                RoomSummary(name: $0.key.text, members: $0.value.count)
            }
        }
    }
}
