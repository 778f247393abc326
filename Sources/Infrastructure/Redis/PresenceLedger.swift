import Domain

/// What this instance wants Redis to hold, and whether it is known that Redis holds it. Decides; does no I/O.
///
///     unsettled ──beginSettling──▶ settling ──finishSettling──▶ settled
///         ▲                           │                            │
///         └───────────detach──────────┴────────────detach──────────┘        any ──close──▶ closed
///
/// A lease serves from one settlement to the next and never again: that is the fence. A command whose outcome nobody
/// knows was sent under a lease that the next settlement takes over, so wherever it lingers (in a socket of a Redis
/// that hung), it finds its lease gone and changes nothing. And a command that was answered under a lease that is no
/// longer the current one was undone by the settlement in between, so it is done again.
///
/// A claim may take a name from another session of its client. To undo it the settlement gives the name back, so it
/// must be told which claims to undo: those that are under way, and those that failed without saying how.
struct PresenceLedger {
    enum Permit: Equatable {
        /// The command may go, under this lease.
        case granted(String)
        /// The settlement that is due or under way comes first. Overdue: nobody knew so far that one is due.
        case wait(isOverdue: Bool)
        case closed
    }

    /// What became of a claim that Redis has granted.
    enum Granted: Equatable {
        case kept
        /// A settlement came in between: claim again.
        case undone
        /// A later session of the same client has the name already. With it, if it was here, the session that this claim
        /// has succeeded: nobody else tells it.
        case overtaken(SessionID?)
    }

    /// What a settlement sends.
    struct Plan: Equatable {
        let predecessors: [String]
        /// What these have done is undone.
        let claims: Set<SessionID>
        let sessions: [SessionID: PresenceRecord]
    }

    enum Finish: Equatable {
        case settled
        /// These were released while the settlement was under way: take them out, then ask again.
        case release([SessionID: PresenceRecord])
        /// Something came in between; settle anew.
        case stale
    }

    private enum Phase {
        case unsettled
        case settling(String, [SessionID: PresenceRecord])
        case settled(String, renewed: ContinuousClock.Instant)
        case closed
    }

    /// Earlier leases that may still hold sessions of ours. The first is the last one that was settled.
    private var predecessors: [String] = []
    private var phase = Phase.unsettled
    /// The instance has been still for a lease's lifetime, and does not know yet whose names are others' by now.
    private var wasStill = false
    private var wanted: [SessionID: PresenceRecord] = [:]
    /// Claims that wait for their answer, each for the caller who removes it.
    private var claiming: Set<SessionID> = []
    /// Claims whose outcome nobody knows, until a settlement has undone them.
    private var doubted: Set<SessionID> = []
    private let lifetime: Duration

    /// More failed settlements than this in a row, and leases in the middle are left to expire by themselves.
    static let maximumPredecessors = 64

    init(lifetime: Duration) { self.lifetime = lifetime }

    var isSettled: Bool { if case .settled = phase { true } else { false } }

    /// Earlier leases that a settlement takes over.
    var predecessorCount: Int { predecessors.count }

    /// The lease of a settled instance.
    var lease: String? { if case .settled(let lease, _) = phase { lease } else { nil } }

    func record(_ session: SessionID) -> PresenceRecord? { wanted[session] }

    /// All that Redis is to hold.
    var records: [SessionID: PresenceRecord] { wanted }

    /// Whether a command may go now. An instance that was frozen for a lease's lifetime settles first: others may have
    /// taken its sessions out.
    mutating func admit(now: ContinuousClock.Instant) -> Permit {
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

    /// Whether others may have names of sessions that do not know it yet. Not where Redis is away: then nobody can take any,
    /// or hear of it.
    func isDoubtful(now: ContinuousClock.Instant) -> Bool {
        if case .settled(_, let renewed) = phase { now - renewed >= lifetime } else { wasStill }
    }

    /// It cannot be found out.
    mutating func acceptDoubt() { wasStill = false }

    mutating func renewed(_ lease: String, at instant: ContinuousClock.Instant) {
        if self.lease == lease { phase = .settled(lease, renewed: instant) }
    }

    /// What Redis holds is no longer known.
    ///
    /// - Parameter lease: the one under which that turned out; nil: whichever is current. An older one is settled
    ///   already.
    /// - Returns: whether a settlement is needed that was not before.
    @discardableResult
    mutating func detach(from lease: String? = nil) -> Bool {
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

    /// - Returns: the lease to give back, where it is known to be good.
    mutating func close() -> String? {
        defer { phase = .closed }
        return lease
    }
}

/// What happens to one session.
extension PresenceLedger {
    /// A claim is about to be sent.
    ///
    /// - Returns: false where it must not be: a settlement that knew nothing of it may be under way already.
    mutating func beginClaim(_ session: SessionID, under lease: String) -> Bool {
        guard self.lease == lease else { return false }
        doubted.remove(session)
        claiming.insert(session)
        return true
    }

    /// - Parameter predecessor: whom the claim has succeeded. The caller tells it, except where it was overtaken.
    mutating func granted(
        _ session: SessionID, _ record: PresenceRecord, succeeding predecessor: SessionID?, under lease: String
    ) -> Granted {
        let isOvertaken = claiming.remove(session) == nil
        guard self.lease == lease else {
            guard !isOvertaken else { return .overtaken(nil) }
            // The settlement that undoes it may be yet to come.
            if !isSettled { doubted.insert(session) }
            return .undone
        }
        var displaced: SessionID?
        if let predecessor {
            claiming.remove(predecessor)
            if wanted.removeValue(forKey: predecessor) != nil { displaced = predecessor }
        }
        guard !isOvertaken else { return .overtaken(displaced) }
        wanted[session] = record
        return .kept
    }

    /// The claim has changed nothing.
    mutating func refused(_ session: SessionID) { claiming.remove(session) }

    /// Nobody knows what the claim has changed.
    mutating func doubt(_ session: SessionID) {
        claiming.remove(session)
        doubted.insert(session)
    }

    /// - Returns: false where the move was undone in the meantime.
    mutating func moved(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?, under lease: String
    ) -> Bool {
        guard self.lease == lease else { return false }
        wanted[session]?.move(leaving: leaving, entering: entering)
        return true
    }

    /// - Returns: what must be taken out of Redis now, and under which lease; nil where a settlement sees to it.
    mutating func release(_ session: SessionID) -> (record: PresenceRecord, lease: String)? {
        guard let record = wanted.removeValue(forKey: session), let lease else { return nil }
        return (record, lease)
    }

    /// Forgets sessions that others have succeeded.
    ///
    /// - Returns: those of them that had not been released meanwhile.
    mutating func succeeded(_ sessions: [SessionID]) -> [SessionID: PresenceRecord] {
        var forgotten: [SessionID: PresenceRecord] = [:]
        for session in sessions {
            claiming.remove(session)
            if let record = wanted.removeValue(forKey: session) { forgotten[session] = record }
        }
        return forgotten
    }
}

/// A settlement.
extension PresenceLedger {
    /// - Parameter lease: fresh, and registered.
    /// - Returns: nil where nothing is to be settled.
    mutating func beginSettling(under lease: String) -> Plan? {
        guard case .unsettled = phase else { return nil }
        let plan = Plan(predecessors: predecessors, claims: claiming.union(doubted), sessions: wanted)
        if predecessors.count >= Self.maximumPredecessors { predecessors.remove(at: 1) }
        // Until the outcome is known this lease, too, may hold something.
        predecessors.append(lease)
        phase = .settling(lease, wanted)
        return plan
    }

    /// Forgets the sessions whose names others have.
    ///
    /// - Returns: those of them that had not been released meanwhile.
    mutating func lost(_ sessions: [SessionID], under lease: String) -> [SessionID] {
        guard case .settling(lease, var snapshot) = phase else { return [] }
        for session in sessions { snapshot[session] = nil }
        phase = .settling(lease, snapshot)
        let forgotten = succeeded(sessions)
        return sessions.filter { forgotten[$0] != nil }
    }

    mutating func finishSettling(under lease: String, renewed: ContinuousClock.Instant) -> Finish {
        guard case .settling(lease, var snapshot) = phase else { return .stale }
        let released = snapshot.filter { wanted[$0.key] == nil }
        guard released.isEmpty else {
            for session in released.keys { snapshot[session] = nil }
            phase = .settling(lease, snapshot)
            return .release(released)
        }
        predecessors = []
        doubted = []
        wasStill = false
        phase = .settled(lease, renewed: renewed)
        return .settled
    }
}
