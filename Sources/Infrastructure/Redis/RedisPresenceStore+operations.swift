public import Domain
import InfrastructurePresence
import Logging
public import Service
import Synchronization

extension RedisPresenceStore: PresenceStore {
    public func start(_ observer: any PresenceObserver) {
        state.withLock { $0.observer = observer }
    }

    /// If two successors come at once, the one that Redis handles later has the name. The earlier one is refused if its
    /// answer is read later. Otherwise its caller learns of the loss: the earlier one is the later one's predecessor,
    /// or, if the later one is on another instance, the observer is told with the next beat.
    public func claim(_ claim: Claim) async throws(ChatError) -> Claimed {
        try await perform { store, lease async throws(RedisError) -> Outcome<Claimed> in
            guard store.state.withLock({ $0.ledger.beginClaim(claim.session, under: lease) }) else { return .again }
            do throws(RedisError) {
                return try await store.claim(claim, under: lease)
            } catch {
                store.state.withLock { state in
                    if error.changedNothing {
                        state.ledger.refused(claim.session)
                    } else {
                        state.ledger.doubt(claim.session)
                    }
                }
                throw error
            }
        }
    }

    private func claim(_ claim: Claim, under lease: String) async throws(RedisError) -> Outcome<Claimed> {
        var arguments = [
            lease, claim.username.text, claim.session.text, claim.secret?.text ?? "", claim.presented?.text ?? "",
            claim.inboxStart?.description ?? "", claim.room?.text ?? "", milliseconds(extraGrace),
        ]
        if claim.isShared { arguments.append("shared") }
        let reply = try await waitingForRecovery {
            () async throws(RedisError) in try await evaluate(PresenceScripts.claim, arguments).elements()
        }
        switch try reply.first?.text() {
        case "OK":
            let answer = try ClaimReply(reply)
            // The departure of a dead predecessor was not announced yet; its rooms are told of it before they are told
            // of this session.
            await publish(answer.notices)
            let (granted, observer) = state.withLock { state in
                let record = answer.record(for: claim)
                return (
                    state.ledger.granted(claim.session, record, succeeding: answer.predecessor, under: lease),
                    state.observer
                )
            }
            switch granted {
            case .kept: return .done(answer.claimed(claim))
            case .undone: return .again
            case .overtaken(let displaced):
                if let displaced { observer?.presenceLost(displaced) }
                return .refused(.usernameTaken)
            }
        case "TAKEN":
            state.withLock { $0.ledger.refused(claim.session) }
            return .refused(.usernameTaken)
        case "FULL":
            state.withLock { $0.ledger.refused(claim.session) }
            return .refused(.tooManySessions(limit: Claim.maximumSessions))
        case "LATER":
            state.withLock { $0.ledger.refused(claim.session) }
            return .refused(.presenceUnavailable(.timedOut))
        case "GONE":
            state.withLock { $0.ledger.refused(claim.session) }
            return .again
        default: throw .protocolViolation("an unknown answer to a claim")
        }
    }

    /// While it is not known which names are in use, and where users are, the command waits as long as one may take.
    private func waitingForRecovery(
        _ ask: () async throws(RedisError) -> [RedisReply]
    ) async throws(RedisError) -> [RedisReply] {
        let deadline = ContinuousClock.now + timeout
        while true {
            let reply = try await ask()
            guard reply.first == .string("LATER"), ContinuousClock.now < deadline else { return reply }
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return reply }
        }
    }

    @discardableResult
    public func move(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?
    ) async throws(ChatError) -> Moved {
        let left = leaving.filter { $0 != entering }
        return try await perform { store, lease async throws(RedisError) -> Outcome<Moved> in
            let record = store.state.withLock { state in
                let record = state.ledger.record(session)
                return record.map { ($0, state.ledger.beginMove(session, under: lease)) }
            }
            guard let (record, maySend) = record else { return .refused(.usernameTaken) }
            guard maySend else { return .again }
            do throws(RedisError) {
                return try await store.move(session, record, leaving: left, entering: entering, under: lease)
            } catch {
                store.state.withLock { state in
                    if error.changedNothing {
                        state.ledger.moveRefused(session)
                    } else {
                        state.ledger.moveDoubted(session)
                    }
                }
                throw error
            }
        }
    }

    private func move(
        _ session: SessionID, _ record: PresenceRecord, leaving left: Set<RoomName>, entering: RoomName?,
        under lease: String
    ) async throws(RedisError) -> Outcome<Moved> {
        let arguments = [lease, record.key(of: session), session.text, entering?.text ?? ""] + left.map(\.text)
        let reply = try await waitingForRecovery {
            () async throws(RedisError) in try await evaluate(PresenceScripts.move, arguments).elements()
        }
        if try reply.first?.text() == "OK", reply.count == 4 {
            let counts = try reply[1].elements().map { count throws(RedisError) in try count.number() }
            let news = try [RoomName: PresenceNews](redis: reply[3])
            // What was not known to be told comes before what this move has to tell.
            await publish(try reply[2].texts())
            let isDone = state.withLock {
                $0.ledger.moved(session, leaving: left, entering: entering, under: lease)
            }
            let rooms = (entering.map { [$0] } ?? []) + left
            let members = [RoomName: Int](zip(rooms, counts)) { one, _ in one }
            return isDone ? .done(Moved(members: members, news: news)) : .again
        }
        state.withLock { $0.ledger.moveRefused(session) }
        switch try reply.first?.text() {
        case "LATER": return .refused(.presenceUnavailable(.timedOut))
        case "SUCCEEDED":
            // The next beat tells the session.
            wakeup.ring()
            return .refused(.usernameTaken)
        case "GONE", "MISSING": return .again
        default: throw .protocolViolation("an unknown answer to a move")
        }
    }

    public func told(_ notices: [String]) async {
        guard !notices.isEmpty else { return }
        do throws(RedisError) {
            _ = try await client.send(["HDEL", key("lease:notices")] + notices)
        } catch {
            // They will be published again; receivers drop the repeats.
            logger.debug("published notices stay queued", metadata: ["error": "\(error)"])
        }
    }

    public func release(_ session: SessionID) async {
        guard let (record, lease) = state.withLock({ $0.ledger.release(session) }) else { return }
        do throws(RedisError) {
            try await takeOut([session: record], under: lease)
        } catch {
            // Redis may still have it: the settlement brings it in line with the ledger.
            detach(from: lease)
            logger.debug("release left to the next settlement", metadata: ["error": "\(error)"])
        }
    }

    public func contains(_ username: Username) async throws(ChatError) -> Bool {
        try await perform(changes: false) { store, _ async throws(RedisError) -> Outcome<Bool> in
            .done(try await store.client.send(["SISMEMBER", store.key("active_users"), username.text]).number() == 1)
        }
    }

    public func users(in room: RoomName?, _ range: ListRange) async throws(ChatError) -> ListPage<String> {
        try await perform(changes: false) { store, _ async throws(RedisError) -> Outcome<ListPage<String>> in
            let arguments = [room?.text ?? "", range.after ?? "", "\(range.limit)"]
            let reply = try await store.evaluate(PresenceScripts.usersPage, arguments).elements()
            guard reply.count == 2 else { throw .protocolViolation("not a page of a list") }
            return .done(ListPage(try reply[1].texts(), range, total: try reply[0].number()) { $0 })
        }
    }

    public func rooms(_ range: ListRange) async throws(ChatError) -> ListPage<RoomSummary> {
        try await perform(changes: false) { store, _ async throws(RedisError) -> Outcome<ListPage<RoomSummary>> in
            let arguments = [range.after ?? "", "\(range.limit)"]
            let reply = try await store.evaluate(PresenceScripts.roomsPage, arguments).elements()
            guard reply.count == 2 else { throw .protocolViolation("not a page of a list") }
            let lines = try reply[1].elements()
            guard lines.count.isMultiple(of: 2) else { throw .protocolViolation("a room without a count") }
            var rooms: [RoomSummary] = []
            for index in stride(from: 0, to: lines.count, by: 2) {
                rooms.append(RoomSummary(name: try lines[index].text(), members: try lines[index + 1].number()))
            }
            return .done(ListPage(rooms, range, total: try reply[0].number(), name: \.name))
        }
    }
}

extension ListPage {
    /// - Parameter found: one more than requested, if there are more.
    fileprivate init(_ found: [Element], _ range: ListRange, total: Int, name: (Element) -> String) {
        let elements = Array(found.prefix(range.limit))
        // What another server has written need not be UTF-8, and then differs from the text that we read: a client that
        // asked for what comes after it would get it again for ever.
        let isFurther = elements.last.map { (range.after ?? "").utf8.lexicographicallyPrecedes(name($0).utf8) } ?? false
        self.init(elements: elements, more: isFurther && found.count > range.limit, total: total)
    }
}

extension RedisPresenceStore {
    public var namesAreDoubtful: Bool { state.withLock { $0.ledger.isDoubtful(now: time.monotonic()) } }

    public func confirmNames() async {
        do throws(RedisError) {
            _ = try await permit()
        } catch {
            // Redis cannot be reached: connected clients continue.
            state.withLock { $0.ledger.acceptDoubt() }
        }
    }
}

extension RedisPresenceStore {
    fileprivate enum Outcome<Value> {
        case done(Value)
        case refused(ChatError)
        /// The lease is gone, or a settlement undid it.
        case again
    }

    /// Runs an operation under a lease that is known to be good. If the lease turns out to be gone, it runs once more
    /// under a new one.
    ///
    /// - Parameter changes: whether the operation changes anything, so that a failure leaves its outcome unknown.
    fileprivate func perform<Value>(
        changes: Bool = true,
        _ operation: (RedisPresenceStore, _ lease: String) async throws(RedisError) -> Outcome<Value>
    ) async throws(ChatError) -> Value {
        for _ in 0..<2 {
            let outcome: Outcome<Value>
            let lease: String
            do throws(RedisError) {
                lease = try await permit()
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

    private func permit() async throws(RedisError) -> String {
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
