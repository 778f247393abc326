import Domain
import Testing

@testable import InfrastructurePresence

/// Sessions that share their names: what the store is to find out about them must not be lost.
struct PresenceLedgerSharingTests {
    private let start = ContinuousClock.now
    private let phone = SessionID("phone")
    private let laptop = SessionID("laptop")
    private let record: PresenceRecord
    private var ledger = PresenceLedger(lifetime: .seconds(6))

    init() throws {
        record = PresenceRecord(username: try Username("alice"), isShared: true, rooms: [.global])
        #expect(ledger.beginSettling(under: "L1") != nil)
        #expect(ledger.finishSettling(under: "L1", renewed: start) == .settled)
        for session in [phone, laptop] {
            #expect(ledger.beginClaim(session, under: "L1") == true)
            #expect(ledger.granted(session, record, succeeding: nil, under: "L1") == .kept)
        }
    }

    /// Brings the ledger to `settled` under `lease`.
    private mutating func settle(_ lease: String) {
        #expect(ledger.beginSettling(under: lease) != nil)
        #expect(ledger.finishSettling(under: lease, renewed: start) == .settled)
    }

    @Test mutating func `a session that has ended stays until the store has taken it out`() throws {
        let found = ledger.release(phone)
        let release = try #require(found)
        #expect(release.record == record && release.lease == "L1")
        #expect(ledger.record(phone) == nil)
        #expect(ledger.unreleased == [phone: record])
        ledger.released([phone], under: "L1")
        #expect(ledger.unreleased == [:])
    }

    @Test mutating func `one that ends while the store is away is written with the others, and taken out afterwards`() {
        ledger.detach()
        #expect(ledger.release(phone) == nil)
        let plan = ledger.beginSettling(under: "L2")
        #expect(plan?.sessions == [phone: record, laptop: record])
        #expect(plan?.ending == [phone])
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .settled)
        #expect(ledger.unreleased == [phone: record])
    }

    @Test mutating func `what was taken out before a settlement that has written it again stays`() {
        #expect(ledger.release(phone) != nil)
        ledger.detach()
        settle("L2")
        ledger.released([phone], under: "L1")
        #expect(ledger.unreleased == [phone: record])
        ledger.released([phone], under: "L2")
        #expect(ledger.unreleased == [:])
    }

    @Test mutating func `one that ends during a settlement is taken out after it`() {
        ledger.detach()
        #expect(ledger.beginSettling(under: "L2")?.ending == [])
        #expect(ledger.release(phone) == nil)
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .settled)
        #expect(ledger.unreleased == [phone: record])
    }

    @Test mutating func `one that another session has succeeded is not taken out any more`() {
        #expect(ledger.release(phone) != nil)
        let next = SessionID("next")
        #expect(ledger.beginClaim(next, under: "L1") == true)
        #expect(ledger.granted(next, record, succeeding: phone, under: "L1") == .kept)
        #expect(ledger.unreleased == [:])
        #expect(ledger.release(laptop) != nil)
        #expect(ledger.succeeded([laptop]) == [:])
        #expect(ledger.unreleased == [:])
    }

    @Test mutating func `a settlement knows the moves that it undoes: those under way, and those of unknown outcome`() {
        #expect(ledger.beginMove(phone, under: "L1") == true)
        #expect(ledger.beginMove(laptop, under: "L1") == true)
        ledger.moveDoubted(laptop)
        ledger.detach()
        #expect(ledger.beginSettling(under: "L2")?.moves == [phone, laptop])
        #expect(ledger.beginMove(phone, under: "L1") == false)
        #expect(ledger.moved(phone, leaving: [.global], entering: nil, under: "L1") == false)
        #expect(ledger.finishSettling(under: "L2", renewed: start) == .settled)
        #expect(ledger.record(phone) == record)
        ledger.detach()
        #expect(ledger.beginSettling(under: "L3")?.moves == [])
    }

    @Test mutating func `a move that is answered before the settlement that undoes it is known to it`() {
        #expect(ledger.beginMove(phone, under: "L1") == true)
        ledger.detach()
        #expect(ledger.moved(phone, leaving: [.global], entering: nil, under: "L1") == false)
        #expect(ledger.beginSettling(under: "L2")?.moves == [phone])
    }

    @Test mutating func `a move that was done or refused is nothing to undo`() {
        #expect(ledger.beginMove(phone, under: "L1") == true)
        #expect(ledger.moved(phone, leaving: [.global], entering: nil, under: "L1") == true)
        #expect(ledger.beginMove(laptop, under: "L1") == true)
        ledger.moveRefused(laptop)
        ledger.detach()
        #expect(ledger.beginSettling(under: "L2")?.moves == [])
        #expect(ledger.record(phone)?.rooms == [])
    }

    @Test mutating func `of a session that has its name alone nothing is kept`() throws {
        let bob = SessionID("bob's")
        let alone = PresenceRecord(username: try Username("bob"), rooms: [.global])
        #expect(ledger.beginClaim(bob, under: "L1") == true)
        #expect(ledger.granted(bob, alone, succeeding: nil, under: "L1") == .kept)
        #expect(ledger.beginMove(bob, under: "L1") == true)
        ledger.moveDoubted(bob)
        #expect(ledger.release(bob) != nil)
        #expect(ledger.unreleased == [:])
        ledger.detach()
        #expect(ledger.beginSettling(under: "L2")?.moves == [])
    }
}
