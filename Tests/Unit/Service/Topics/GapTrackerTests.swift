import Domain
import Testing

@testable import Service

struct GapTrackerTests {
    /// A tracker of a topic whose newest entry is `head`.
    private func following(_ head: UInt64) -> GapTracker {
        var tracker = GapTracker()
        tracker.headIs(SequenceNumber(head))
        return tracker
    }

    // MARK: Following

    @Test func `a new tracker asks where the log stands`() {
        var tracker = GapTracker()
        #expect(tracker.step == .head)
        #expect(!tracker.isFollowing)
        tracker.headIs(SequenceNumber(7))
        #expect(tracker.step == nil)
        #expect(tracker.isFollowing)
        #expect(tracker.cursor == SequenceNumber(7))
    }

    @Test func `what follows is shown, and repeats are not`() {
        var tracker = following(7)
        #expect(tracker.shows(9, after: 7) == ["9"])
        #expect(tracker.shows(9, after: 7) == [])
        #expect(tracker.shows(8, after: 7) == [])
        tracker.headIs(SequenceNumber(9))
        #expect(tracker.step == nil)
        #expect(tracker.shows(12, after: 9) == ["12"])
    }

    @Test func `an entry that comes before the head is known is shown at once`() {
        var tracker = GapTracker()
        #expect(tracker.shows(5, after: 3) == ["5"])
        tracker.headIs(SequenceNumber(5))
        #expect(tracker.step == nil)
    }

    @Test func `the first entry of an empty topic has no predecessor`() {
        var tracker = following(0)
        #expect(tracker.shows(1) == ["1"])
    }

    // MARK: Entries that the head counts

    @Test func `an entry that the head counts already is shown when its live copy comes`() {
        var tracker = following(9)
        #expect(tracker.shows(8, after: 5) == ["8"])
        #expect(tracker.shows(9, after: 8) == ["9"])
        #expect(tracker.shows(9, after: 8) == [])
    }

    @Test func `where somebody has read up to the cursor, it is shown to the others only, and the cursor stays`() {
        var tracker = following(9)
        tracker.beginReading()
        #expect(tracker.shows(8, after: 5) == ["late 8"])
        #expect(tracker.shows(9, after: 8) == ["late 9"])
        #expect(tracker.cursor == SequenceNumber(9))
        #expect(!tracker.isSuspicious)
        #expect(tracker.shows(10, after: 9) == ["10"])
    }

    @Test func `once something was shown, an old entry is a repeat, and late for nobody`() {
        var tracker = following(9)
        tracker.beginReading()
        #expect(tracker.shows(10, after: 9) == ["10"])
        #expect(tracker.shows(8, after: 5) == [])
        #expect(tracker.isSuspicious)
    }

    @Test func `after a repair nothing is late any more: the log has shown it`() {
        var tracker = following(9)
        tracker.beginReading()
        #expect(tracker.doubt() == true)
        #expect(tracker.ends(at: 9) == [])
        #expect(tracker.shows(9, after: 8) == [])
    }

    // MARK: Holes

    @Test func `nothing behind a hole is shown before the log has filled it`() {
        var tracker = following(7)
        #expect(tracker.shows(10, after: 9) == [])
        #expect(tracker.step == .read(after: SequenceNumber(7)))
        #expect(!tracker.isFollowing)
        #expect(tracker.shows(11, after: 10) == [])
        #expect(tracker.reads([8, 9, 10]) == ["8", "9", "10"])
        #expect(tracker.ends(at: 10) == ["11"])
        #expect(tracker.step == nil)
    }

    @Test func `an unknown predecessor is looked up in the log`() {
        var tracker = following(7)
        #expect(tracker.shows(10) == [])
        #expect(tracker.step == .read(after: SequenceNumber(7)))
        #expect(tracker.reads([10]) == ["10"])
        #expect(tracker.ends(at: 10) == [])
    }

    @Test func `a hole is lost only by a read that goes beyond it, and then told in its place`() {
        var tracker = following(7)
        #expect(tracker.shows(10, after: 9) == [])
        // A reader that lags behind the writer proves nothing.
        #expect(tracker.ends(at: 8) == [])
        #expect(tracker.step == .read(after: SequenceNumber(7)))
        #expect(tracker.ends(at: 10) == ["gap 7..10", "10"])
        #expect(tracker.step == nil)
    }

    @Test func `what is gone before the first entry that is retained is told before that`() {
        var tracker = following(7)
        #expect(tracker.doubt() == true)
        #expect(tracker.reads([12, 13], floor: 11) == ["gap 7..12", "12", "13"])
        #expect(tracker.ends(at: 13) == [])
    }

    @Test(arguments: [nil, 0, 6, 7] as [UInt64?])
    func `a floor that has been seen hides nothing`(floor: UInt64?) {
        var tracker = following(7)
        #expect(tracker.doubt() == true)
        #expect(tracker.reads([12, 13], floor: floor) == ["12", "13"])
    }

    @Test func `where nothing is left, the gap shows with the next entry`() {
        var tracker = following(7)
        #expect(tracker.shows(15, after: 14) == [])
        #expect(tracker.reads([], floor: 15) == [])
        #expect(tracker.ends(at: 15) == ["gap 7..15", "15"])
        #expect(tracker.shows(16, after: 15) == ["16"])
    }

    @Test func `several lost holes are told each in its place`() {
        var tracker = following(1)
        for (sequence, previous) in [(4, 3), (5, 4), (9, 8)] as [(UInt64, UInt64)] {
            #expect(tracker.shows(sequence, after: previous) == [])
        }
        #expect(tracker.reads([4], floor: 3) == ["gap 1..4", "4"])
        #expect(tracker.ends(at: 9) == ["5", "gap 5..9", "9"])
    }

    @Test func `a hole behind a hole is read for in its turn`() {
        var tracker = following(1)
        #expect(tracker.shows(3, after: 2) == [])
        #expect(tracker.shows(6, after: 5) == [])
        #expect(tracker.reads([2, 3]) == ["2", "3"])
        #expect(tracker.ends(at: 3) == [])
        #expect(tracker.step == .read(after: SequenceNumber(3)))
        #expect(tracker.reads([4, 5, 6]) == ["4", "5", "6"])
        #expect(tracker.ends(at: 6) == [])
        #expect(tracker.step == nil)
    }

    @Test func `what the log never had is forgotten in the end`() {
        var tracker = following(7)
        #expect(tracker.shows(9_000, after: 8_999) == [])
        for reads in 1..<GapTracker.maximumFruitlessReads {
            #expect(tracker.ends(at: 7) == [])
            #expect(tracker.fruitlessReads == reads)
        }
        #expect(tracker.ends(at: 7) == [])
        #expect(tracker.step == nil)
        #expect(tracker.fruitlessReads == 0)
        #expect(tracker.shows(8, after: 7) == ["8"])
    }

    @Test func `a head that the reads never reach is forgotten in the end`() {
        var tracker = following(7)
        tracker.headIs(SequenceNumber(20))
        for _ in 1..<GapTracker.maximumFruitlessReads {
            #expect(tracker.ends(at: 7) == [])
            #expect(tracker.step == .read(after: SequenceNumber(7)))
        }
        #expect(tracker.ends(at: 7) == [])
        #expect(tracker.step == nil)
    }

    @Test func `what waits is bounded, and what was dropped is read again`() {
        var tracker = following(0)
        let count = UInt64(GapTracker.maximumWaiting)
        for sequence in 2...(count + 10) { #expect(tracker.shows(sequence, after: sequence - 1) == []) }
        #expect(tracker.reads([1]) == ["1"])
        #expect(tracker.ends(at: 1).count == GapTracker.maximumWaiting)
        // The entries beyond the bound are missing, and the next live one shows it.
        #expect(tracker.shows(count + 11, after: count + 10) == [])
        #expect(tracker.step == .read(after: SequenceNumber(count + 1)))
    }

    @Test func `a read that nobody waits for shows nothing`() {
        var tracker = following(4)
        #expect(tracker.reads([5, 6]) == [])
        #expect(tracker.ends(at: 6) == [])
        #expect(tracker.cursor == SequenceNumber(4))
    }

    // MARK: Doubts

    @Test func `a doubt is settled by one read`() {
        var tracker = following(4)
        #expect(tracker.doubt() == true)
        #expect(tracker.doubt() == false)
        #expect(tracker.shows(6, after: 5) == [])
        #expect(tracker.reads([3, 4, 5]) == ["5"])
        #expect(tracker.ends(at: 5) == ["6"])
    }

    @Test func `where the topic stands is not known yet: there is nothing to doubt`() {
        var tracker = GapTracker()
        #expect(tracker.doubt() == false)
        #expect(tracker.step == .head)
    }

    // MARK: Another log

    @Test func `a log that counts from the beginning is not taken for repeats`() {
        var tracker = following(500)
        #expect(tracker.shows(501, after: 500) == ["501"])
        #expect(tracker.shows(3) == [])
        #expect(tracker.isSuspicious)
        #expect(tracker.step == .head)
        #expect(tracker.shows(4, after: 3) == [])
        tracker.headIs(SequenceNumber(4))
        #expect(tracker.step == .read(after: SequenceNumber(2)))
        #expect(tracker.reads([3, 4]) == ["3", "4"])
        #expect(tracker.ends(at: 4) == [])
        #expect(tracker.shows(5, after: 4) == ["5"])
    }

    @Test(arguments: [9, 12] as [UInt64])
    func `a repeat is one where the log goes at least as far`(head: UInt64) {
        var tracker = following(7)
        #expect(tracker.shows(9, after: 7) == ["9"])
        #expect(tracker.shows(9, after: 7) == [])
        #expect(tracker.step == .head)
        tracker.headIs(SequenceNumber(head))
        #expect(!tracker.isSuspicious)
        #expect(tracker.step == (head == 9 ? nil : .read(after: SequenceNumber(9))))
    }

    @Test func `while the log may be another one nothing of it is shown, whatever it seems to follow`() {
        var tracker = following(2)
        #expect(tracker.shows(3, after: 2) == ["3"])
        // Another log, of which this is the second entry to come in.
        #expect(tracker.shows(1) == [])
        #expect(tracker.shows(4, after: 3) == [])
        #expect(tracker.isSuspicious)
        tracker.renew(after: .zero)
        #expect(tracker.reads([1, 2, 3, 4]) == ["1", "2", "3", "4"])
        #expect(tracker.ends(at: 4) == [])
        #expect(tracker.step == nil)
    }

    @Test func `an empty log is one in which everything has expired, and not another one`() {
        var tracker = following(7)
        #expect(tracker.shows(9, after: 7) == ["9"])
        #expect(tracker.shows(9, after: 7) == [])
        tracker.headIs(.zero)
        #expect(tracker.step == nil)
        #expect(tracker.cursor == SequenceNumber(9))
    }

    @Test func `a new log is read from its beginning, and what waited for the old one is forgotten`() {
        var tracker = following(500)
        tracker.acknowledged(SequenceNumber(600))
        #expect(tracker.shows(510, after: 505) == [])
        tracker.renew(after: .zero)
        #expect(tracker.step == .read(after: .zero))
        // From the beginning there is nothing before the first entry that could be missing.
        #expect(tracker.reads([3, 4], floor: 2) == ["3", "4"])
        #expect(tracker.ends(at: 4) == [])
        #expect(tracker.step == nil)
        // Nor is what the old log acknowledged still to come.
        _ = tracker.tick()
        tracker.headIs(SequenceNumber(4))
        for _ in 0..<3 { #expect(tracker.tick() == false) }
    }

    @Test func `a log that was put back goes on where it stands`() {
        var tracker = following(500)
        #expect(tracker.shows(501, after: 500) == ["501"])
        tracker.renew(after: SequenceNumber(400))
        #expect(tracker.step == .read(after: SequenceNumber(400)))
        #expect(tracker.ends(at: 400) == [])
        #expect(tracker.shows(401, after: 400) == ["401"])
    }

    // MARK: Silence

    @Test func `the loss of the last entry shows when the topic has fallen silent`() {
        var tracker = following(0)
        #expect(tracker.tick() == false)
        #expect(tracker.shows(1) == ["1"])
        #expect(tracker.hasUncheckedEntries)
        #expect(tracker.tick() == false)  // not silent yet
        #expect(tracker.tick() == true)
        tracker.headIs(SequenceNumber(2))
        #expect(tracker.step == .read(after: SequenceNumber(1)))
        #expect(tracker.reads([2]) == ["2"])
        #expect(tracker.ends(at: 2) == [])
        #expect(tracker.tick() == false)
    }

    @Test func `a tick wants the head until it is known`() {
        var tracker = following(0)
        #expect(tracker.shows(1) == ["1"])
        #expect(tracker.tick() == false)
        for _ in 0..<3 { #expect(tracker.tick() == true) }
        tracker.headIs(SequenceNumber(1))
        #expect(tracker.tick() == false)
    }

    @Test func `an acknowledged entry that does not come is asked for, however busy the topic is`() {
        var tracker = following(7)
        tracker.acknowledged(SequenceNumber(100))
        #expect(tracker.shows(8, after: 7) == ["8"])
        #expect(tracker.tick() == false)  // it may still be on its way
        #expect(tracker.shows(9, after: 8) == ["9"])
        #expect(tracker.tick() == true)
    }

    @Test func `an acknowledged entry that comes in time is asked for by nobody while the topic is busy`() {
        var tracker = following(7)
        for sequence in 8...20 as ClosedRange<UInt64> {
            tracker.acknowledged(SequenceNumber(sequence))
            #expect(tracker.tick() == (sequence == 8))
            #expect(tracker.shows(sequence, after: sequence - 1) == ["\(sequence)"])
        }
        tracker.headIs(SequenceNumber(20))
        #expect(tracker.tick() == false)
    }

    @Test func `an older acknowledgement takes nothing back`() {
        var tracker = following(7)
        tracker.acknowledged(SequenceNumber(12))
        tracker.acknowledged(SequenceNumber(9))
        _ = tracker.tick()
        for sequence in 8...11 as ClosedRange<UInt64> {
            #expect(tracker.shows(sequence, after: sequence - 1) == ["\(sequence)"])
        }
        #expect(tracker.tick() == true)
        #expect(tracker.shows(12, after: 11) == ["12"])
        #expect(tracker.tick() == false)
    }
}
