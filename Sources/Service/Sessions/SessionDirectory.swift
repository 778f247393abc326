import Domain
import Synchronization

/// The sessions of this instance, by name.
final class SessionDirectory: Sendable {
    private let sessions = Mutex<[String: Session]>([:])

    var count: Int { sessions.withLock { $0.count } }

    func insert(_ session: Session) {
        sessions.withLock { $0[session.username.text] = session }
    }

    /// Takes `session` out, but not a later session of the same name.
    func remove(_ session: Session) {
        sessions.withLock { sessions in
            if sessions[session.username.text]?.id == session.id { sessions[session.username.text] = nil }
        }
    }

    /// - Parameter name: any text: messages from original servers have senders that obey no rules of ours.
    func session(named name: String) -> Session? {
        sessions.withLock { $0[name] }
    }

    /// Rare: when a name was lost. It looks through all sessions.
    func session(_ id: SessionID) -> Session? {
        sessions.withLock { $0.values.first { $0.id == id } }
    }
}
