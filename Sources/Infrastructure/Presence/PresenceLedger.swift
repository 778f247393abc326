package import Domain

/// What this instance wants a shared store (Redis, in the words below) to hold, and whether it knows that the store holds
/// it. It decides, and does no I/O.
///
///     unsettled ──beginSettling──▶ settling ──finishSettling──▶ settled
///         ▲                           │                            │
///         └───────────detach──────────┴────────────detach──────────┘        any ──close──▶ closed
///
/// A lease is used from one settlement to the next and never again: that is the fence. A command whose outcome is not
/// known was sent under a lease that the next settlement takes over. So if it is still under way (in a socket of a
/// Redis that hung), it finds its lease gone and changes nothing. And a command that was answered under a lease that is
/// no longer the current one was undone by the settlement in between, so it is done again.
///
/// A claim may take a name from another session of its client. To undo it, the settlement gives the name back. So the
/// settlement must be told which claims to undo: those that are under way, and those that failed with an unknown
/// outcome.
package struct PresenceLedger: Sendable {
    package enum Permit: Equatable, Sendable {
        /// The command may be sent, under this lease.
        case granted(String)
        /// The settlement that is due or under way must finish first. Overdue: it was not known until now that one is
        /// due.
        case wait(isOverdue: Bool)
        case closed
    }

    /// The result of a claim that Redis has granted.
    package enum Granted: Equatable, Sendable {
        case kept
        /// A settlement happened in between: claim again.
        case undone
        /// A later session of the same client already has the name. The value is the session that this claim has
        /// succeeded, if it was on this instance: the caller must tell it, nobody else does.
        case overtaken(SessionID?)
    }

    /// The content of a settlement.
    package struct Plan: Equatable, Sendable {
        package let predecessors: [String]
        /// The claims to undo.
        package let claims: Set<SessionID>
        /// The sessions that share their names and have moves to undo.
        package let moves: Set<SessionID>
        /// Those of the sessions that have ended, and are still to be taken out.
        package let ending: Set<SessionID>
        package let sessions: [SessionID: PresenceRecord]
    }

    package enum Finish: Equatable, Sendable {
        case settled
        /// These were released while the settlement was under way: remove them from Redis, then ask again.
        case release([SessionID: PresenceRecord])
        /// Something happened in between: settle again.
        case stale
    }

    private enum Phase {
        case unsettled
        case settling(String, [SessionID: PresenceRecord])
        case settled(String, renewed: ContinuousClock.Instant)
        case closed
    }

    /// Earlier leases that may still hold sessions of this instance. The first is the last one that was settled.
    private var predecessors: [String] = []
    private var phase = Phase.unsettled
    /// The instance was frozen for the lifetime of a lease, and does not know yet which of its names others have taken.
    private var wasStill = false
    private var wanted: [SessionID: PresenceRecord] = [:]
    /// Sessions that have ended, shared their names, and may still be in the store: it must have them once more to find
    /// out which rooms are to be told. So a settlement writes them like the others, and they are taken out after it.
    private var ending: [SessionID: PresenceRecord] = [:]
    /// Claims that wait for their answer, each with the caller that removes it.
    private var claiming: Set<SessionID> = []
    /// Claims whose outcome is not known, until a settlement has undone them.
    private var doubted: Set<SessionID> = []
    /// The same for the moves of sessions that share their names: the rooms must be told of what is undone.
    private var moving: Set<SessionID> = []
    private var doubtedMoves: Set<SessionID> = []
    private let lifetime: Duration

    /// After more failed settlements in a row, leases in the middle are left to expire by themselves.
    package static let maximumPredecessors = 64

    package init(lifetime: Duration) { self.lifetime = lifetime }

    package var isSettled: Bool { if case .settled = phase { true } else { false } }

    /// Earlier leases that a settlement takes over.
    package var predecessorCount: Int { predecessors.count }

    /// The lease of a settled instance.
    package var lease: String? { if case .settled(let lease, _) = phase { lease } else { nil } }

    package func record(_ session: SessionID) -> PresenceRecord? { wanted[session] }

    /// Everything that Redis should hold.
    package var records: [SessionID: PresenceRecord] { wanted }

    /// Sessions that are still to be taken out of Redis.
    package var unreleased: [SessionID: PresenceRecord] { ending }

    /// Whether a command may be sent now. An instance that was frozen for the lifetime of a lease settles first,
    /// because others may have removed its sessions.
    package mutating func admit(now: ContinuousClock.Instant) -> Permit {
        switch phase {
        case .unsettled, .settling: return .wait(isOverdue: false)
        case .closed: return .closed
        case .settled(let lease, let renewed):
            guard now - renewed >= lifetime else { return .granted(lease) }
            detach()
            wasStill = true
            return .wait(isOverdue: true)
        }
    }

    /// Whether other instances may have taken names of sessions that do not know it yet. False while Redis cannot be
    /// reached: then nobody can take a name, or learn of it.
    package func isDoubtful(now: ContinuousClock.Instant) -> Bool {
        if case .settled(_, let renewed) = phase { now - renewed >= lifetime } else { wasStill }
    }

    /// It cannot be determined.
    package mutating func acceptDoubt() { wasStill = false }

    package mutating func renewed(_ lease: String, at instant: ContinuousClock.Instant) {
        if self.lease == lease { phase = .settled(lease, renewed: instant) }
    }

    /// The content of Redis is no longer known.
    ///
    /// - Parameter lease: the lease under which this was noticed; nil: the current one. An older lease is settled
    ///   already.
    /// - Returns: whether this makes a settlement necessary that was not necessary before.
    @discardableResult
    package mutating func detach(from lease: String? = nil) -> Bool {
        switch phase {
        case .settled(let current, _):
            guard lease == nil || lease == current else { return false }
            predecessors.append(current)
        case .settling(let current, _):
            guard lease == nil || lease == current else { return false }
        case .unsettled, .closed:
            return false
        }
        phase = .unsettled
        return true
    }

    /// - Returns: the lease to give back, if it is known to be good.
    package mutating func close() -> String? {
        defer { phase = .closed }
        return lease
    }
}

/// The events of one session.
extension PresenceLedger {
    /// A claim is about to be sent.
    ///
    /// - Returns: false if the claim must not be sent: a settlement that does not know it may already be under way.
    package mutating func beginClaim(_ session: SessionID, under lease: String) -> Bool {
        guard self.lease == lease else { return false }
        doubted.remove(session)
        claiming.insert(session)
        return true
    }

    /// - Parameter predecessor: the session that the claim has succeeded. The caller tells it, unless the claim was
    ///   overtaken.
    package mutating func granted(
        _ session: SessionID, _ record: PresenceRecord, succeeding predecessor: SessionID?, under lease: String
    ) -> Granted {
        let isOvertaken = claiming.remove(session) == nil
        guard self.lease == lease else {
            guard !isOvertaken else { return .overtaken(nil) }
            // The settlement that undoes it may still have to come.
            if !isSettled { doubted.insert(session) }
            return .undone
        }
        var displaced: SessionID?
        if let predecessor {
            claiming.remove(predecessor)
            ending[predecessor] = nil
            if wanted.removeValue(forKey: predecessor) != nil { displaced = predecessor }
        }
        guard !isOvertaken else { return .overtaken(displaced) }
        wanted[session] = record
        return .kept
    }

    /// The claim has changed nothing.
    package mutating func refused(_ session: SessionID) { claiming.remove(session) }

    /// It is not known what the claim has changed.
    package mutating func doubt(_ session: SessionID) {
        claiming.remove(session)
        doubted.insert(session)
    }

    /// A move is about to be sent.
    ///
    /// - Returns: false if it must not be sent: a settlement that does not know it may already be under way.
    package mutating func beginMove(_ session: SessionID, under lease: String) -> Bool {
        guard self.lease == lease else { return false }
        if wanted[session]?.isShared == true {
            doubtedMoves.remove(session)
            moving.insert(session)
        }
        return true
    }

    /// The move has changed nothing.
    package mutating func moveRefused(_ session: SessionID) { moving.remove(session) }

    /// It is not known what the move has changed.
    package mutating func moveDoubted(_ session: SessionID) {
        if moving.remove(session) != nil { doubtedMoves.insert(session) }
    }

    /// - Returns: false if the move was undone in the meantime.
    package mutating func moved(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?, under lease: String
    ) -> Bool {
        guard self.lease == lease else {
            // The settlement that undoes it may still have to come.
            if moving.remove(session) != nil, !isSettled { doubtedMoves.insert(session) }
            return false
        }
        moving.remove(session)
        wanted[session]?.move(leaving: leaving, entering: entering)
        return true
    }

    /// - Returns: what must be removed from Redis now, and under which lease; nil if a settlement does that, or what
    ///   follows it. ``released(_:under:)`` tells of the end of a session that shares its name.
    package mutating func release(_ session: SessionID) -> (record: PresenceRecord, lease: String)? {
        guard let record = wanted.removeValue(forKey: session) else { return nil }
        if record.isShared { ending[session] = record }
        return lease.map { (record, $0) }
    }

    /// The store has taken these sessions out, unless a settlement has written them again in the meantime.
    package mutating func released(_ sessions: some Sequence<SessionID>, under lease: String) {
        guard self.lease == lease else { return }
        for session in sessions { ending[session] = nil }
    }

    /// Forgets sessions that others have succeeded.
    ///
    /// - Returns: those of them that had not been released meanwhile.
    package mutating func succeeded(_ sessions: [SessionID]) -> [SessionID: PresenceRecord] {
        var forgotten: [SessionID: PresenceRecord] = [:]
        for session in sessions {
            claiming.remove(session)
            ending[session] = nil
            if let record = wanted.removeValue(forKey: session) { forgotten[session] = record }
        }
        return forgotten
    }
}

/// A settlement.
extension PresenceLedger {
    /// - Parameter lease: fresh, and registered.
    /// - Returns: nil if nothing is to be settled.
    package mutating func beginSettling(under lease: String) -> Plan? {
        guard case .unsettled = phase else { return nil }
        let sessions = wanted.merging(ending) { wanted, _ in wanted }
        let plan = Plan(
            predecessors: predecessors, claims: claiming.union(doubted), moves: moving.union(doubtedMoves),
            ending: Set(ending.keys), sessions: sessions)
        if predecessors.count >= Self.maximumPredecessors { predecessors.remove(at: 1) }
        // Until the outcome is known, this lease may hold something too.
        predecessors.append(lease)
        phase = .settling(lease, sessions)
        return plan
    }

    /// Forgets the sessions whose names other sessions have.
    ///
    /// - Returns: those of them that had not been released meanwhile.
    package mutating func lost(_ sessions: [SessionID], under lease: String) -> [SessionID] {
        guard case .settling(lease, var snapshot) = phase else { return [] }
        for session in sessions { snapshot[session] = nil }
        phase = .settling(lease, snapshot)
        let forgotten = succeeded(sessions)
        return sessions.filter { forgotten[$0] != nil }
    }

    package mutating func finishSettling(under lease: String, renewed: ContinuousClock.Instant) -> Finish {
        guard case .settling(lease, var snapshot) = phase else { return .stale }
        let released = snapshot.filter { wanted[$0.key] == nil && ending[$0.key] == nil }
        guard released.isEmpty else {
            for session in released.keys { snapshot[session] = nil }
            phase = .settling(lease, snapshot)
            return .release(released)
        }
        predecessors = []
        doubted = []
        doubtedMoves = []
        wasStill = false
        phase = .settled(lease, renewed: renewed)
        return .settled
    }
}
