import Domain

/// The sessions of this instance, by name and by id.
final class SessionDirectory: Sendable {
    private struct State {
        /// One that has its name alone, or those that share it. Never empty.
        var byName: [ExactText: [Session]] = [:]
        var byID: [SessionID: Session] = [:]
        /// Those whose claim is under way, and whether they have been succeeded already.
        var expected: [SessionID: Bool] = [:]

        mutating func removeFromName(_ session: Session) {
            let name = ExactText(session.username.text)
            byName[name]?.removeAll { $0.id == session.id }
            if byName[name]?.isEmpty == true { byName[name] = nil }
        }
    }

    private let state = OrderedMutex(State())

    var count: Int { state.withLock { $0.byName.values.reduce(0) { $0 + $1.count } } }

    /// Those that are meant, in no order.
    func all(where isMeant: (Session) -> Bool) -> [Session] {
        // Not under the lock: a question about a session takes its own.
        let all = state.withLock { Array($0.byID.values) }
        return all.filter(isMeant)
    }

    /// A session is about to claim its name. ``insert(_:)`` or ``forget(_:)`` follows.
    func expect(_ session: SessionID) { state.withLock { $0.expected[session] = false } }

    /// The claim has failed.
    func forget(_ session: SessionID) { state.withLock { $0.expected[session] = nil } }

    /// The session is from now on the one of its name, or one of those that share it; an earlier one that had the name alone
    /// is still known by its id.
    ///
    /// - Returns: false where it has lost its name since it claimed it; then it is not in.
    @discardableResult
    func insert(_ session: Session) -> Bool {
        state.withLock { state in
            guard state.expected.removeValue(forKey: session.id) != true else { return false }
            let name = ExactText(session.username.text)
            if session.isShared {
                state.byName[name, default: []].append(session)
            } else {
                state.byName[name] = [session]
            }
            state.byID[session.id] = session
            return true
        }
    }

    /// Takes the session out that has lost its name. - Returns: it; nil where it is none of this instance, or not in yet.
    func lose(_ id: SessionID) -> Session? {
        state.withLock { state in
            if state.expected[id] != nil { state.expected[id] = true }
            guard let session = state.byID.removeValue(forKey: id) else { return nil }
            state.removeFromName(session)
            return session
        }
    }

    /// Takes `session` out, but not another session of the same name.
    func remove(_ session: Session) {
        state.withLock { state in
            state.byID[session.id] = nil
            state.removeFromName(session)
        }
    }

    /// - Parameter name: any text: messages from original servers have senders that obey no rules of ours, nor are they in
    ///   form C. Who has another name to the byte is somebody else.
    func sessions(named name: String) -> [Session] {
        state.withLock { $0.byName[ExactText(name)] ?? [] }
    }
}

extension SessionDirectory: LocalConnections {
    func connections(of name: String, _ id: SessionID?) -> UserConnections {
        let sessions = sessions(named: name)
        if let id, sessions.first?.isShared != true {
            return UserConnections(sessions.first { $0.id == id }?.connection)
        }
        return sessions.count > 1
            ? .several(sessions.map(\.connection)) : UserConnections(sessions.first?.connection)
    }
}
