import Domain
import InfrastructurePresence
import Logging
import Service
import ServiceLifecycle
import Synchronization

/// The store's own work: settle, beat, repair, reap, and publish what was reaped. One task does all of it, so no two of
/// these ever race with each other.
extension RedisPresenceStore {
    /// The approximate number of sessions that one reaping script removes: some milliseconds of Redis's time.
    private static let reapLimit = 200
    private static let pendingLimit = 500

    /// Connects and keeps the presence until shutdown. The last act is to give the lease back: sessions that have not
    /// been released by then wait for their clients' next sessions. Plain cancellation leaves everything unchanged, as
    /// a crash would.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.client.run { self.connectionChanged() } }
            await withTaskCancellationOrGracefulShutdownHandler {
                await keep()
            } onCancelOrGracefulShutdown: {
                self.wakeup.ring()
            }
            let lease = state.withLock { $0.ledger.close() }
            resumeWaiters(.failure(.notConnected))
            if let lease, !Task.isCancelled { await retire(lease) }
            group.cancelAll()
        }
    }

    private func connectionChanged() {
        detach()
        if !client.isConnected { resumeWaiters(.failure(.notConnected)) }
        wakeup.ring()
    }

    private func keep() async {
        var delays = RedisReconnectDelays()
        var rounds = PresenceRounds()
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let next = ContinuousClock.now + beat
            var pause = beat
            if client.isConnected {
                do throws(RedisError) {
                    let due = try await keepOnce(&rounds, until: next)
                    delays.reset()
                    pause = state.withLock { $0.ledger.isSettled } ? min(next, due) - .now : .zero
                } catch {
                    detach()
                    let isNews = state.withLock { state in
                        defer { state.lastFailure = error }
                        return state.lastFailure != error
                    }
                    logger.log(
                        level: isNews ? .warning : .debug, "presence could not be kept",
                        metadata: ["error": "\(error)"])
                    if error.isPermanent { resumeWaiters(.failure(error)) }
                    pause = delays.next()
                }
            }
            await wakeup.sleep(for: max(pause, .zero))
        }
    }

    /// - Returns: the time of the next work before the next beat, or a later time.
    private func keepOnce(
        _ rounds: inout PresenceRounds, until end: ContinuousClock.Instant
    ) async throws(RedisError) -> ContinuousClock.Instant {
        if let lease = state.withLock({ $0.ledger.lease }) {
            try await beat(lease)
            try await repair(rounds.next(of: state.withLock { $0.ledger.records }), under: lease)
        } else {
            try await settle()
        }
        guard let lease = state.withLock({ $0.ledger.lease }) else { return end }
        try await takeOut(state.withLock { $0.ledger.unreleased }, under: lease)
        do throws(RedisError) {
            return try await lookAfterTheDead(under: lease, until: end)
        } catch .server(let message) {
            // A damaged key of a dead instance says nothing about the lease of this one.
            logger.warning("dead instances cannot be looked after", metadata: ["error": "\(message)"])
            return end
        }
    }

    private func lookAfterTheDead(
        under lease: String, until end: ContinuousClock.Instant
    ) async throws(RedisError) -> ContinuousClock.Instant {
        let due = try await reap(under: lease, until: end)
        // The instance that reaped is just publishing what was queued a moment ago.
        let age = milliseconds(beat)
        let pending = try await evaluate(PresenceScripts.pending, [age, String(Self.pendingLimit)])
        await publish(Self.inOrder(try pending.texts()))
        return due
    }

    private func beat(_ lease: String) async throws(RedisError) {
        let now = time.monotonic()
        let reply = try await evaluate(PresenceScripts.beat, [lease, milliseconds(lifetime)]).elements()
        guard reply.count == 3 else { throw .protocolViolation("an unknown answer to a beat") }
        noteReplaced(try reply[2].texts())
        guard try reply[0].text() == "OK" else {
            detach(from: lease)
            return
        }
        state.withLock { $0.ledger.renewed(lease, at: now) }
        try await forget(try reply[1].texts().map { SessionID($0) }, under: lease)
    }

    /// Tells the sessions that were succeeded on other instances, and then tells Redis that they know.
    private func forget(_ succeeded: [SessionID], under lease: String) async throws(RedisError) {
        guard !succeeded.isEmpty else { return }
        let (forgotten, observer) = state.withLock { ($0.ledger.succeeded(succeeded), $0.observer) }
        for session in forgotten.keys { observer?.presenceLost(session) }
        // Released, because the claim that succeeded them may just have been undone, and this instance does not want
        // the sessions back.
        var arguments = [lease]
        for session in succeeded { arguments += [forgotten[session]?.key(of: session) ?? "", session.text] }
        let reply = try await evaluate(PresenceScripts.release, arguments).elements()
        guard reply.count == 3 else { throw .protocolViolation("an unknown answer to a release") }
        await publish(try reply[1].texts())
    }

    /// Takes sessions out of Redis that have ended, and tells the rooms of the users who have left with them. Sessions for
    /// which it is too early stay in the ledger.
    func takeOut(_ sessions: [SessionID: PresenceRecord], under lease: String) async throws(RedisError) {
        var rest = Array(sessions)[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.reapLimit)
            rest = rest.dropFirst(Self.reapLimit)
            let arguments = part.flatMap { [$0.value.key(of: $0.key), $0.key.text] }
            let reply = try await evaluate(PresenceScripts.release, [lease] + arguments).elements()
            guard reply.count == 3 else { throw .protocolViolation("an unknown answer to a release") }
            await publish(try reply[1].texts())
            let early = Set(try reply[2].texts())
            state.withLock { state in
                state.ledger.released(part.map(\.key).filter { !early.contains($0.text) }, under: lease)
            }
        }
    }

    /// - Returns: the time when more can be removed.
    private func reap(
        under lease: String, until end: ContinuousClock.Instant
    ) async throws(RedisError) -> ContinuousClock.Instant {
        var count = 0
        var due = ContinuousClock.now
        // The next beat takes precedence; the rest can wait.
        while due <= .now, ContinuousClock.now < end {
            let arguments = [lease, String(Self.reapLimit), milliseconds(extraGrace)]
            let reply = try await evaluate(PresenceScripts.reap, arguments).elements()
            guard reply.count == 3 else { throw .protocolViolation("an unknown answer to a reaping") }
            count += try reply[0].number()
            due = .now + .milliseconds(try reply[1].number())
            await publish(try reply[2].texts())
        }
        if count > 0 { logger.info("sessions of dead instances reaped", metadata: ["sessions": "\(count)"]) }
        return due
    }

    private func retire(_ lease: String) async {
        do throws(RedisError) {
            _ = try await evaluate(PresenceScripts.retire, [lease, milliseconds(min(grace, lifetime))])
        } catch {
            logger.debug("lease left to expire", metadata: ["error": "\(error)"])
        }
    }

    func milliseconds(_ duration: Duration) -> String { String(Int(duration / .milliseconds(1))) }
}

/// Settling: it makes Redis hold what the ledger wants, under a fresh lease.
extension RedisPresenceStore {
    private func settle() async throws(RedisError) {
        let lease = RandomToken.make()
        let now = time.monotonic()
        let earlier = String(state.withLock { $0.ledger.predecessorCount })
        let registration = [lease, milliseconds(lifetime), milliseconds(beat), earlier]
        noteReplaced(try await evaluate(PresenceScripts.register, registration).texts())
        guard let plan = state.withLock({ $0.ledger.beginSettling(under: lease) }) else { return }

        var arguments = [lease, milliseconds(extraGrace), String(plan.predecessors.count)] + plan.predecessors
        for sessions in [plan.claims, plan.moves, plan.ending] {
            arguments += [String(sessions.count)] + sessions.map(\.text)
        }
        for (session, record) in plan.sessions { arguments += [record.key(of: session), record.text(of: session)] }
        let reply = try await evaluate(PresenceScripts.restore, arguments).elements()
        guard try reply.first?.text() == "OK", reply.count == 3 else {
            detach(from: lease)
            return
        }
        let taken = try reply[1].texts().map { SessionID($0) }
        let (lost, observer) = state.withLock { ($0.ledger.lost(taken, under: lease), $0.observer) }
        for session in lost { observer?.presenceLost(session) }
        await publish(try reply[2].texts())

        while case .release(let sessions) = state.withLock({ $0.ledger.finishSettling(under: lease, renewed: now) }) {
            try await takeOut(sessions, under: lease)
        }
        let isSettled = state.withLock { state in
            state.lastFailure = nil
            return state.ledger.lease == lease
        }
        guard isSettled else { return }
        await checkEviction()
        logger.info(
            "presence settled under a new lease",
            metadata: ["sessions": "\(plan.sessions.count)", "lost": "\(lost.count)"])
        resumeWaiters(.success(()))
    }
}

/// Notices of users who have left with a dead instance, and of users who are back.
extension RedisPresenceStore {
    /// Tells the observer, and then tells Redis that the notices were published. Notices that fail stay queued in
    /// Redis.
    ///
    /// - Parameter notices: id, payload, id, payload…
    func publish(_ notices: [String]) async {
        guard !notices.isEmpty, let observer = state.withLock({ $0.observer }) else { return }
        var published: [String] = []
        for index in stride(from: 0, to: notices.count - 1, by: 2) {
            if let notice = MembershipNotice(id: notices[index], queued: notices[index + 1]) {
                do throws(ChatError) {
                    try observer.presenceChanged(notice)
                } catch {
                    logger.debug("notices left for later", metadata: ["error": "\(error.code)"])
                    break
                }
            }
            published.append(notices[index])
        }
        await told(published)
    }
}

extension RedisPresenceStore {
    /// Notices as they were queued, which Redis gives out in no order.
    ///
    /// - Parameter notices: id, payload, id, payload…
    fileprivate static func inOrder(_ notices: [String]) -> [String] {
        let pairs = stride(from: 0, to: notices.count - 1, by: 2).map { index in
            let notice = MembershipNotice(id: notices[index], queued: notices[index + 1])
            return (at: notice?.timestamp.millisecondsSince1970 ?? 0, texts: notices[index...index + 1])
        }
        return pairs.sorted { $0.at < $1.at }.flatMap(\.texts)
    }
}

extension MembershipNotice {
    /// Reads `joined|left ms user room members`. An earlier version of the server does not write the last part. Nil for
    /// anything else, which cannot be used.
    init?(id: String, queued text: String) {
        // By scalars: if a name begins with a combining mark, the space before it and the mark are one `Character`.
        let words = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        guard (4...5).contains(words.count), let change = ["joined": Change.joined, "left": .left][words[0]],
            let ms = Int64(words[1]), let username = try? Username(words[2]),
            let room = try? RoomName(words[3])
        else { return nil }
        var members: Int?
        if words.count == 5 {
            guard let number = Int(words[4]), number >= 0 else { return nil }
            members = number
        }
        self.init(
            id: id, change, room: room, username: username, members: members,
            timestamp: Timestamp(millisecondsSince1970: ms))
    }
}
