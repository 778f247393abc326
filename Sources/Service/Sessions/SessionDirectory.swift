import Domain
import Synchronization

/// The sessions of this instance, by name and by id.
final class SessionDirectory: Sendable {
    private struct State {
        var byName: [String: Session] = [:]
        var byID: [SessionID: Session] = [:]
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.byName.count } }

    /// The session is from now on the one of its name; an earlier one of the name is still known by its id.
    func insert(_ session: Session) {
        state.withLock { state in
            state.byName[session.username.text] = session
            state.byID[session.id] = session
        }
    }

    /// Takes `session` out, but not a later session of the same name.
    func remove(_ session: Session) {
        state.withLock { state in
            state.byID[session.id] = nil
            if state.byName[session.username.text]?.id == session.id { state.byName[session.username.text] = nil }
        }
    }

    /// - Parameter name: any text: messages from original servers have senders that obey no rules of ours.
    func session(named name: String) -> Session? {
        state.withLock { $0.byName[name] }
    }

    func session(_ id: SessionID) -> Session? {
        state.withLock { $0.byID[id] }
    }
}
