public import Domain
import Logging
public import Service
import Synchronization

extension RedisPresenceStore: PresenceStore {
    public func start(_ observer: any PresenceObserver) {
        state.withLock { $0.observer = observer }
    }

    public func claim(
        _ username: Username, for session: SessionID, entering room: RoomName
    ) async throws(ChatError) {
        let entry = PresenceLedger.Entry(username: username, room: room)
        try await perform { store, lease async throws(RedisError) -> Outcome<Void> in
            let reply = try await store.evaluate(
                PresenceScripts.claim, [lease, username.text, entry.record(session)]
            ).elements()
            switch try reply.first?.text() {
            case "OK" where reply.count == 2:
                // A predecessor that was dead went without a word; its rooms hear of that before they hear of this one.
                await store.publish(try reply[1].texts())
                return store.state.withLock { $0.ledger.claimed(session, entry, under: lease) } ? .done(()) : .again
            case "TAKEN": return .refused(.usernameTaken)
            case "GONE": return .again
            default: throw .protocolViolation("an unknown answer to a claim")
            }
        }
    }

    public func move(_ session: SessionID, from old: RoomName, to new: RoomName) async throws(ChatError) {
        try await perform { store, lease async throws(RedisError) -> Outcome<Void> in
            guard let username = store.state.withLock({ $0.ledger.entry(session) })?.username else {
                return .refused(.usernameTaken)
            }
            let arguments = [lease, username.text, session.text, old.text, new.text]
            switch try await store.evaluate(PresenceScripts.move, arguments).text() {
            case "OK":
                return store.state.withLock { $0.ledger.moved(session, to: new, under: lease) } ? .done(()) : .again
            case "GONE", "MISSING": return .again
            default: throw .protocolViolation("an unknown answer to a move")
            }
        }
    }

    public func release(_ session: SessionID) async {
        guard let (entry, lease) = state.withLock({ $0.ledger.release(session) }) else { return }
        do throws(RedisError) {
            _ = try await evaluate(PresenceScripts.release, [lease, entry.username.text, session.text])
        } catch {
            // Redis may still have it: the settlement brings it in line with the ledger.
            detach(from: lease)
            logger.debug("release left to the next settlement", metadata: ["error": "\(error)"])
        }
    }

    public func users() async throws(ChatError) -> [String] {
        try await perform(changes: false) { store, _ async throws(RedisError) -> Outcome<[String]> in
            .done(try await store.client.send(["SMEMBERS", store.key("active_users")]).texts())
        }
    }

    public func users(in room: RoomName) async throws(ChatError) -> [String] {
        try await perform(changes: false) { store, _ async throws(RedisError) -> Outcome<[String]> in
            .done(try await store.client.send(["SMEMBERS", store.key("room:\(room.text)")]).texts())
        }
    }

    public func rooms() async throws(ChatError) -> [RoomSummary] {
        try await perform(changes: false) { store, _ async throws(RedisError) -> Outcome<[RoomSummary]> in
            let reply = try await store.evaluate(PresenceScripts.rooms, []).elements()
            guard reply.count.isMultiple(of: 2) else { throw .protocolViolation("a room without a count") }
            var rooms: [RoomSummary] = []
            for index in stride(from: 0, to: reply.count, by: 2) {
                rooms.append(RoomSummary(name: try reply[index].text(), members: try reply[index + 1].number()))
            }
            return .done(rooms)
        }
    }
}

extension RedisPresenceStore {
    private enum Outcome<Value> {
        case done(Value)
        case refused(ChatError)
        /// The lease is gone, or a settlement undid it.
        case again
    }

    /// Runs an operation under a lease that is known to be good; once more under a new one where that turns out wrong.
    ///
    /// - Parameter changes: whether the operation changes anything, so that a failure leaves its outcome unknown.
    private func perform<Value>(
        changes: Bool = true,
        _ operation: (RedisPresenceStore, _ lease: String) async throws(RedisError) -> Outcome<Value>
    ) async throws(ChatError) -> Value {
        for _ in 0..<2 {
            let outcome: Outcome<Value>
            let lease: String
            do throws(RedisError) {
                lease = try await admission()
            } catch {
                throw .presenceUnavailable(error)
            }
            do throws(RedisError) {
                outcome = try await operation(self, lease)
            } catch {
                if changes, !error.changedNothing { detach(from: lease) }
                throw .presenceUnavailable(error)
            }
            switch outcome {
            case .done(let value): return value
            case .refused(let error): throw error
            case .again: detach(from: lease)
            }
        }
        throw .presenceUnavailable(.disconnected)
    }

    private func admission() async throws(RedisError) -> String {
        let deadline = ContinuousClock.now + timeout
        while client.isConnected {
            switch state.withLock({ $0.ledger.admit(now: time.monotonic()) }) {
            case .granted(let lease): return lease
            case .closed: throw .notConnected
            case .wait(let isOverdue):
                if isOverdue { wakeup.ring() }
                let left = deadline - .now
                guard left > .zero else { throw .timedOut }
                try await settlement(within: left)
            }
        }
        throw .notConnected
    }
}

extension ChatError {
    fileprivate static func presenceUnavailable(_ cause: RedisError) -> ChatError {
        ChatError(.unavailable, "the list of users cannot be reached, please try again", cause: cause)
    }
}
