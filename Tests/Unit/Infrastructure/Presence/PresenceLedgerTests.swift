import Domain
import Testing

@testable import InfrastructurePresence

struct PresenceLedgerTests {
    private static let lifetime = Duration.seconds(6)
    private let start = ContinuousClock.now
    private let alice = SessionID("alice's")
    private let bob = SessionID("bob's")
    private var ledger = PresenceLedger(lifetime: lifetime)

    private func record(_ name: String, _ rooms: RoomName...) throws -> PresenceRecord {
        PresenceRecord(username: try Username(name), rooms: rooms.isEmpty ? [.global] : rooms)
    }

    /// Brings a session in as a claim does that Redis has granted.
    private mutating func claim(
        _ session: SessionID, _ record: PresenceRecord, succeeding predecessor: SessionID? = nil, under lease: String
    ) -> PresenceLedger.Granted {
        #expect(ledger.beginClaim(session, under: lease) == true)
        return ledger.granted(session, record, succeeding: predecessor, under: lease)
    }

    /// Brings the ledger to `settled` under `lease`.
    private mutating func settle(_ lease: String) {
        #expect(ledger.beginSettling(under: lease) != nil)
        #expect(ledger.finishSettling(under: lease, renewed: start) == .settled)
    }

    @Test mutating func `nothing is admitted before the first settlement, and then under its lease`() {
        #expect(ledger.admit(now: start) == .wait(isOverdue: false))
        #expect(
            ledger.beginSettling(under: "L1")
                == PresenceLedger.Plan(predecessors: [], claims: [], moves: [], ending: [], sessions: [:]))
        #expect(ledger.admit(now: start) == .wait(isOverdue: false))
        #expect(ledger.finishSettling(under: "L1", renewed: start) == .settled)
        #expect(ledger.admit(now: start) == .granted("L1"))
    }

    @Test mutating func `an instance whose last beat is a lifetime ago settles first`() {
        settle("L1")
        #expect(ledger.admit(now: start + .milliseconds(5999)) == .granted("L1"))
        ledger.renewed("L1", at: start + .seconds(2))
        #expect(ledger.admit(now: start + .seconds(7)) == .granted("L1"))
        #expect(ledger.admit(now: start + .seconds(8)) == .wait(isOverdue: true))
        #expect(ledger.admit(now: start + .seconds(8)) == .wait(isOverdue: false))
        #expect(ledger.beginSettling(under: "L2")?.predecessors == ["L1"])
    }

    @Test mutating func `an instance that was still for a lifetime doubts its names until it has settled, or cannot`() {
        #expect(!ledger.isDoubtful(now: start))
        settle("L1")
        #expect(!ledger.isDoubtful(now: start + .milliseconds(5999)))
        #expect(ledger.isDoubtful(now: start + .seconds(6)))
        // It does not become less doubtful by being found out.
        #expect(ledger.admit(now: start + .seconds(6)) == .wait(isOverdue: true))
        #expect(ledger.isDoubtful(now: start + .seconds(6)))
        settle("L2")
        #expect(!ledger.isDoubtful(now: start))

        #expect(ledger.admit(now: start + .seconds(6)) == .wait(isOverdue: true))
        ledger.acceptDoubt()
        #expect(!ledger.isDoubtful(now: start + .seconds(6)))
    }

    @Test mutating func `while Redis is away nobody doubts their names`() {
        settle("L1")
        ledger.detach()
        #expect(!ledger.isDoubtful(now: start + .seconds(60)))
    }

    @Test mutating func `a settlement sends what is wanted and takes over the leases before it`() throws {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(ledger.moved(alice, leaving: [.global], entering: try RoomName("dev"), under: "L1") == true)
        #expect(ledger.detach() == true)
        let wanted = [alice: try record("alice", try RoomName("dev"))]
        #expect(
            ledger.beginSettling(under: "L2")
                == PresenceLedger.Plan(predecessors: ["L1"], claims: [], moves: [], ending: [], sessions: wanted)
        )

        // Its outcome is not known: it, too, may have got through.
        #expect(ledger.detach(from: "L2") == true)
        #expect(
            ledger.beginSettling(under: "L3")
                == PresenceLedger.Plan(predecessors: ["L1", "L2"], claims: [], moves: [], ending: [], sessions: wanted))
        #expect(ledger.finishSettling(under: "L3", renewed: start) == .settled)

        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L4")?.predecessors == ["L3"])
    }

    @Test mutating func `what was answered under an earlier lease does not count`() throws {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(ledger.beginClaim(bob, under: "L1") == true)
        #expect(ledger.detach() == true)
        #expect(ledger.granted(bob, try record("bob"), succeeding: nil, under: "L1") == .undone)
        settle("L2")
        #expect(ledger.beginClaim(bob, under: "L1") == false)
        #expect(ledger.moved(alice, leaving: [.global], entering: try RoomName("dev"), under: "L1") == false)
        #expect(ledger.record(bob) == nil)
        #expect(ledger.record(alice)?.rooms == [.global])
    }

    @Test mutating func `a failure under an earlier lease does not unsettle the current one`() {
        settle("L1")
        #expect(ledger.detach(from: "L1") == true)
        settle("L2")
        #expect(ledger.detach(from: "L1") == false)
        #expect(ledger.isSettled)
        #expect(ledger.detach(from: "L2") == true)
        #expect(ledger.detach(from: "L2") == false)
    }

    @Test mutating func `a release goes to Redis when settled, else the settlement sees to it`() throws {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(claim(bob, try record("bob"), under: "L1") == .kept)
        #expect(ledger.release(alice)?.lease == "L1")
        #expect(ledger.release(alice) == nil)
        #expect(ledger.detach() == true)
        #expect(ledger.release(bob) == nil)
        #expect(ledger.beginSettling(under: "L2")?.sessions == [:])
    }

    @Test mutating func `what is released during a settlement is taken out before it ends`() throws {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2")?.sessions.count == 1)
        #expect(ledger.release(alice) == nil)
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .release([alice: try record("alice")]))
        #expect(!ledger.isSettled)
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .settled)
    }

    @Test mutating func `a lost session is forgotten, and told only where it was not released`() throws {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(claim(bob, try record("bob"), under: "L1") == .kept)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2") != nil)
        #expect(ledger.release(bob) == nil)
        #expect(ledger.lost([alice, bob], under: "L2") == [alice])
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .settled)
        #expect(ledger.record(alice) == nil)
    }

    @Test mutating func `moves add up to several rooms, which a settlement sends`() throws {
        let (dev, ops) = (try RoomName("dev"), try RoomName("ops"))
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(ledger.moved(alice, leaving: [], entering: dev, under: "L1") == true)
        #expect(ledger.moved(alice, leaving: [.global], entering: ops, under: "L1") == true)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2")?.sessions == [alice: try record("alice", dev, ops)])
    }

    @Test mutating func `a successor takes its predecessor's place`() throws {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(claim(bob, try record("alice"), succeeding: alice, under: "L1") == .kept)
        #expect(ledger.record(alice) == nil)
        #expect(ledger.release(alice) == nil)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2")?.sessions == [bob: try record("alice")])
    }

    @Test mutating func `a settlement undoes the claims that are under way and those that nobody knows about`() throws {
        let (carol, dora) = (SessionID("carol's"), SessionID("dora's"))
        settle("L1")
        for session in [alice, bob, carol, dora] { #expect(ledger.beginClaim(session, under: "L1") == true) }
        ledger.doubt(bob)
        ledger.refused(carol)
        #expect(ledger.granted(dora, try record("dora"), succeeding: nil, under: "L1") == .kept)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2")?.claims == [alice, bob])

        // The first one's outcome is unknown, too: they are undone until one has ended well.
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L3")?.claims == [alice, bob])
        #expect(ledger.granted(alice, try record("alice"), succeeding: nil, under: "L1") == .undone)
        #expect(ledger.finishSettling(under: "L3", renewed: start) == .settled)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L4")?.claims == [])
    }

    @Test mutating func `a claim that is answered before the settlement that undoes it is undone all the same`() throws
    {
        settle("L1")
        #expect(ledger.beginClaim(alice, under: "L1") == true)
        #expect(ledger.beginClaim(bob, under: "L1") == true)
        #expect(ledger.detach() == true)
        #expect(ledger.granted(alice, try record("alice"), succeeding: nil, under: "L1") == .undone)
        #expect(ledger.beginSettling(under: "L2")?.claims == [alice, bob])
        #expect(ledger.granted(bob, try record("bob"), succeeding: nil, under: "L1") == .undone)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L3")?.claims == [alice, bob])
        #expect(ledger.finishSettling(under: "L3", renewed: start) == .settled)

        // Claimed again, it is nothing to be undone.
        #expect(claim(alice, try record("alice"), under: "L3") == .kept)
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L4")?.claims == [])
    }

    @Test mutating func `a claim that cannot be undone any more is not sent`() {
        settle("L1")
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2")?.claims == [])
        #expect(ledger.beginClaim(alice, under: "L1") == false)
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .settled)
        #expect(ledger.beginClaim(alice, under: "L1") == false)
        #expect(ledger.beginClaim(alice, under: "L2") == true)
    }

    @Test mutating func `of two successors the one that Redis granted last has the name, however late it hears`() throws
    {
        let (second, third) = (SessionID("second"), SessionID("third"))
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(ledger.beginClaim(second, under: "L1") == true)
        #expect(ledger.beginClaim(third, under: "L1") == true)
        #expect(ledger.granted(third, try record("alice"), succeeding: second, under: "L1") == .kept)
        // Nobody but the second would have told the first, and nobody hears of the second.
        #expect(
            ledger.granted(second, try record("alice"), succeeding: alice, under: "L1") == .overtaken(alice))
        #expect(ledger.detach() == true)
        #expect(ledger.beginSettling(under: "L2")?.sessions == [third: try record("alice")])
    }

    @Test mutating func `a session that another instance's has succeeded is forgotten, though its claim is under way`()
        throws
    {
        settle("L1")
        #expect(claim(alice, try record("alice"), under: "L1") == .kept)
        #expect(ledger.beginClaim(bob, under: "L1") == true)
        #expect(ledger.succeeded([alice, bob, SessionID("unknown")]) == [alice: try record("alice")])
        #expect(ledger.succeeded([alice]) == [:])
        #expect(ledger.granted(bob, try record("bob"), succeeding: nil, under: "L1") == .overtaken(nil))
        #expect(ledger.record(alice) == nil && ledger.record(bob) == nil)
    }

    @Test mutating func `a settlement that was overtaken does not end`() {
        #expect(ledger.beginSettling(under: "L1") != nil)
        #expect(ledger.detach() == true)
        #expect(ledger.finishSettling(under: "L1", renewed: start) == .stale)
        #expect(ledger.beginSettling(under: "L2")?.predecessors == ["L1"])
    }

    @Test mutating func `after closing nothing is admitted or settled`() {
        settle("L1")
        #expect(ledger.close() == "L1")
        #expect(ledger.admit(now: start) == .closed)
        #expect(ledger.detach() == false)
        #expect(ledger.beginSettling(under: "L2") == nil)
    }

    @Test mutating func `however often a settlement fails, the first lease is remembered and the list is bounded`() {
        settle("L0")
        for number in 1...1000 {
            ledger.detach()
            #expect(ledger.beginSettling(under: "L\(number)") != nil)
        }
        ledger.detach()
        let predecessors = ledger.beginSettling(under: "last")?.predecessors ?? []
        #expect(predecessors.count == PresenceLedger.maximumPredecessors)
        #expect(predecessors.first == "L0")
        #expect(predecessors.last == "L1000")
    }
}
