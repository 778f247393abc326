import Domain

/// The sessions of this instance, by name and by id.
final class SessionDirectory: Sendable {
    private struct State {
        var byName: [ExactText: Session] = [:]
        var byID: [SessionID: Session] = [:]
        /// Those whose claim is under way, and whether they have been succeeded already.
        var expected: [SessionID: Bool] = [:]
    }

    private let state = OrderedMutex(State())

    /// All sessions, in no order.
    var all: [Session] { state.withLock { Array($0.byID.values) } }

    var count: Int { state.withLock { $0.byName.count } }

    /// A session is about to claim its name. ``insert(_:)`` or ``forget(_:)`` follows.
    func expect(_ session: SessionID) { state.withLock { $0.expected[session] = false } }

    /// The claim has failed.
    func forget(_ session: SessionID) { state.withLock { $0.expected[session] = nil } }

    /// The session is from now on the one of its name; an earlier one of the name is still known by its id.
    ///
    /// - Returns: false where it has lost its name since it claimed it; then it is not in.
    @discardableResult
    func insert(_ session: Session) -> Bool {
        state.withLock { state in
            guard state.expected.removeValue(forKey: session.id) != true else { return false }
            state.byName[ExactText(session.username.text)] = session
            state.byID[session.id] = session
            return true
        }
    }

    /// Takes the session out that has lost its name. - Returns: it; nil where it is none of this instance, or not in yet.
    func lose(_ id: SessionID) -> Session? {
        state.withLock { state in
            if state.expected[id] != nil { state.expected[id] = true }
            guard let session = state.byID.removeValue(forKey: id) else { return nil }
            let name = ExactText(session.username.text)
            if state.byName[name]?.id == id { state.byName[name] = nil }
            return session
        }
    }

    /// Takes `session` out, but not a later session of the same name.
    func remove(_ session: Session) {
        state.withLock { state in
            state.byID[session.id] = nil
            let name = ExactText(session.username.text)
            if state.byName[name]?.id == session.id { state.byName[name] = nil }
        }
    }

    /// - Parameter name: any text: messages from original servers have senders that obey no rules of ours, nor are they in
    ///   form C. Who has another name to the byte is somebody else.
    func session(named name: String) -> Session? {
        state.withLock { $0.byName[ExactText(name)] }
    }
}

extension SessionDirectory: LocalConnections {
    func connection(of name: String, _ id: SessionID?) -> (any ClientConnection)? {
        guard let session = session(named: name), id == nil || id == session.id else { return nil }
        return session.connection
    }
}
