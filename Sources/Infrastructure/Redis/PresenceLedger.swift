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
struct PresenceLedger {
    /// One session as it is to stand in Redis.
    struct Entry: Equatable, Sendable {
        let username: Username
        var room: RoomName

        /// The session's value in the lease's hash.
        func record(_ session: SessionID) -> String { "\(session.text) \(room.text)" }
    }

    enum Admission: Equatable {
        /// The command may go, under this lease.
        case granted(String)
        /// The settlement that is due or under way comes first. Overdue: nobody knew so far that one is due.
        case wait(isOverdue: Bool)
        case closed
    }

    /// What a settlement sends.
    struct Plan: Equatable {
        let predecessors: [String]
        let sessions: [SessionID: Entry]
    }

    enum Finish: Equatable {
        case settled
        /// These were released while the settlement was under way: take them out, then ask again.
        case release([SessionID: Entry])
        /// Something came in between; settle anew.
        case stale
    }

    private enum Phase {
        case unsettled
        case settling(String, [SessionID: Entry])
        case settled(String, renewed: ContinuousClock.Instant)
        case closed
    }

    /// Earlier leases that may still hold sessions of ours. The first is the last one that was settled.
    private var predecessors: [String] = []
    private var phase = Phase.unsettled
    private var wanted: [SessionID: Entry] = [:]
    private let lifetime: Duration

    /// More failed settlements than this in a row, and leases in the middle are left to expire by themselves.
    static let maximumPredecessors = 64

    init(lifetime: Duration) { self.lifetime = lifetime }

    var isSettled: Bool { if case .settled = phase { true } else { false } }

    /// The lease of a settled instance.
    var lease: String? { if case .settled(let lease, _) = phase { lease } else { nil } }

    func entry(_ session: SessionID) -> Entry? { wanted[session] }

    /// Whether a command may go now. An instance that was frozen for a lease's lifetime settles first: others may have
    /// taken its sessions out.
    mutating func admit(now: ContinuousClock.Instant) -> Admission {
        switch phase {
        case .unsettled, .settling: return .wait(isOverdue: false)
        case .closed: return .closed
        case .settled(let lease, let renewed):
            guard now - renewed >= lifetime else { return .granted(lease) }
            detach()
            return .wait(isOverdue: true)
        }
    }

    /// - Returns: false where the claim was undone in the meantime.
    mutating func claimed(_ session: SessionID, _ entry: Entry, under lease: String) -> Bool {
        guard self.lease == lease else { return false }
        wanted[session] = entry
        return true
    }

    /// - Returns: false where the move was undone in the meantime.
    mutating func moved(_ session: SessionID, to room: RoomName, under lease: String) -> Bool {
        guard self.lease == lease else { return false }
        wanted[session]?.room = room
        return true
    }

    /// - Returns: what must be taken out of Redis now, and under which lease; nil where a settlement sees to it.
    mutating func release(_ session: SessionID) -> (entry: Entry, lease: String)? {
        guard let entry = wanted.removeValue(forKey: session), let lease else { return nil }
        return (entry, lease)
    }

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

    /// - Parameter lease: fresh, and registered.
    /// - Returns: nil where nothing is to be settled.
    mutating func beginSettling(under lease: String) -> Plan? {
        guard case .unsettled = phase else { return nil }
        let plan = Plan(predecessors: predecessors, sessions: wanted)
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
        return sessions.filter { wanted.removeValue(forKey: $0) != nil }
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
        phase = .settled(lease, renewed: renewed)
        return .settled
    }

    /// - Returns: the lease to give back, where it is known to be good.
    mutating func close() -> String? {
        defer { phase = .closed }
        return lease
    }
}
