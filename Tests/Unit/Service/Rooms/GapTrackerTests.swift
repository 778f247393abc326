import Domain
import Testing

@testable import Service

@Suite struct GapTrackerTests {
    private let room = RoomName.global

    private func entry(_ sequence: UInt64, after previous: UInt64? = nil) -> LogEntry {
        LogEntry(
            room: room, sequence: SequenceNumber(sequence), previous: previous.map(SequenceNumber.init), event: nil)
    }

    /// A tracker of a room whose newest entry is `head`.
    private func following(_ head: UInt64) -> GapTracker {
        var tracker = GapTracker()
        tracker.headIs(SequenceNumber(head))
        return tracker
    }

    private func expect(
        _ entries: [LogEntry], shows numbers: [UInt64], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.numbers(entries) == numbers, sourceLocation: sourceLocation)
    }

    private func numbers(_ entries: [LogEntry]) -> [UInt64] { entries.map(\.sequence.value) }

    @Test func aNewTrackerAsksWhereTheLogStands() {
        var tracker = GapTracker()
        #expect(tracker.step == .head)
        tracker.headIs(SequenceNumber(7))
        #expect(tracker.step == nil)
        #expect(tracker.cursor == SequenceNumber(7))
    }

    @Test func whatFollowsIsShownAndRepeatsAreNot() {
        var tracker = following(7)
        expect(tracker.receive(entry(9, after: 7)), shows: [9])
        expect(tracker.receive(entry(9, after: 7)), shows: [])
        expect(tracker.receive(entry(8, after: 7)), shows: [])
        expect(tracker.receive(entry(12, after: 9)), shows: [12])
        tracker.headIs(SequenceNumber(12))
        #expect(tracker.step == nil)
    }

    @Test func anEntryThatComesBeforeTheHeadIsKnownIsShownAtOnce() {
        var tracker = GapTracker()
        expect(tracker.receive(entry(5, after: 3)), shows: [5])
        tracker.headIs(SequenceNumber(5))
        #expect(tracker.step == nil)
    }

    @Test func anEntryThatTheHeadAlreadyCountsIsShownWhenItsLiveCopyComes() {
        var tracker = following(9)
        expect(tracker.receive(entry(8, after: 5)), shows: [8])
        expect(tracker.receive(entry(9, after: 8)), shows: [9])
        expect(tracker.receive(entry(9, after: 8)), shows: [])
    }

    @Test func theFirstEntryOfAnEmptyRoomHasNoPredecessor() {
        var tracker = following(0)
        expect(tracker.receive(entry(1)), shows: [1])
    }

    @Test func nothingBehindAHoleIsShownBeforeTheLogHasFilledIt() {
        var tracker = following(7)
        expect(tracker.receive(entry(10, after: 9)), shows: [])
        #expect(tracker.step == .read(after: SequenceNumber(7)))
        expect(tracker.receive(entry(11, after: 10)), shows: [])
        expect(tracker.read([entry(8), entry(9), entry(10)]), shows: [8, 9, 10])
        let (show, isLost) = tracker.readEnded(at: SequenceNumber(10))
        #expect(numbers(show) == [11])
        #expect(!isLost)
        #expect(tracker.step == nil)
    }

    @Test func anUnknownPredecessorIsLookedUpInTheLog() {
        var tracker = following(7)
        expect(tracker.receive(entry(10)), shows: [])
        #expect(tracker.step == .read(after: SequenceNumber(7)))
        expect(tracker.read([entry(10)]), shows: [10])
        let (show, isLost) = tracker.readEnded(at: SequenceNumber(10))
        #expect(numbers(show) == [])
        #expect(!isLost)
    }

    @Test func aHoleIsLostOnlyByAReadThatGoesBeyondIt() {
        var tracker = following(7)
        _ = tracker.receive(entry(10, after: 9))
        // A reader that lags behind the writer proves nothing.
        var end = tracker.readEnded(at: SequenceNumber(8))
        #expect(numbers(end.show) == [])
        #expect(!end.isLost)
        #expect(tracker.step == .read(after: SequenceNumber(7)))
        end = tracker.readEnded(at: SequenceNumber(10))
        #expect(numbers(end.show) == [10])
        #expect(end.isLost)
        #expect(tracker.step == nil)
    }

    @Test func whatTheLogNeverHadIsForgottenInTheEnd() {
        var tracker = following(7)
        _ = tracker.receive(entry(9_000, after: 8_999))
        for _ in 1..<GapTracker.maximumFruitlessReads {
            let end = tracker.readEnded(at: SequenceNumber(7))
            #expect(end.show.isEmpty && !end.isLost)
        }
        let end = tracker.readEnded(at: SequenceNumber(7))
        expect(end.show, shows: [])
        #expect(!end.isLost)
        #expect(tracker.step == nil)
        expect(tracker.receive(entry(8, after: 7)), shows: [8])
    }

    @Test func aLogThatCountsFromTheBeginningIsNotTakenForRepeats() {
        var tracker = following(500)
        expect(tracker.receive(entry(501, after: 500)), shows: [501])
        expect(tracker.receive(entry(3)), shows: [])
        #expect(tracker.step == .head)
        expect(tracker.receive(entry(4, after: 3)), shows: [])
        tracker.headIs(SequenceNumber(4))
        #expect(tracker.step == .read(after: SequenceNumber(2)))
        expect(tracker.read([entry(3), entry(4)]), shows: [3, 4])
        expect(tracker.readEnded(at: SequenceNumber(4)).show, shows: [])
        expect(tracker.receive(entry(5, after: 4)), shows: [5])
    }

    @Test func aRepeatIsOneWhereTheLogGoesAtLeastAsFar() {
        var tracker = following(7)
        expect(tracker.receive(entry(9, after: 7)), shows: [9])
        expect(tracker.receive(entry(9, after: 7)), shows: [])
        tracker.headIs(SequenceNumber(9))
        #expect(tracker.step == nil)
    }

    @Test func aHoleBehindAHoleIsReadForInItsTurn() {
        var tracker = following(1)
        _ = tracker.receive(entry(3, after: 2))
        _ = tracker.receive(entry(6, after: 5))
        _ = tracker.read([entry(2), entry(3)])
        expect(tracker.readEnded(at: SequenceNumber(3)).show, shows: [])
        #expect(tracker.step == .read(after: SequenceNumber(3)))
        expect(tracker.read([entry(4), entry(5), entry(6)]), shows: [4, 5, 6])
        expect(tracker.readEnded(at: SequenceNumber(6)).show, shows: [])
        #expect(tracker.step == nil)
    }

    @Test func theLossOfTheLastEntryShowsWhenTheRoomHasFallenSilent() {
        var tracker = following(0)
        #expect(tracker.tick() == false)
        _ = tracker.receive(entry(1))
        #expect(tracker.tick() == false)  // not silent yet
        #expect(tracker.tick() == true)
        tracker.headIs(SequenceNumber(2))
        #expect(tracker.step == .read(after: SequenceNumber(1)))
        expect(tracker.read([entry(2)]), shows: [2])
        #expect(tracker.readEnded(at: SequenceNumber(2)).isLost == false)
        #expect(tracker.tick() == false)
    }

    @Test func aDoubtIsSettledByOneRead() {
        var tracker = following(4)
        #expect(tracker.doubt() == true)
        #expect(tracker.doubt() == false)
        expect(tracker.receive(entry(6, after: 5)), shows: [])
        expect(tracker.read([entry(3), entry(4), entry(5)]), shows: [5])
        expect(tracker.readEnded(at: SequenceNumber(5)).show, shows: [6])
    }

    @Test func whatWaitsIsBoundedAndWhatWasDroppedIsReadAgain() {
        var tracker = following(0)
        let count = UInt64(GapTracker.maximumWaiting)
        for sequence in 2...(count + 10) { _ = tracker.receive(entry(sequence, after: sequence - 1)) }
        _ = tracker.read([entry(1)])
        let end = tracker.readEnded(at: SequenceNumber(1))
        #expect(end.show.count == GapTracker.maximumWaiting)
        // The entries beyond the bound are missing, and the next live one shows it.
        expect(tracker.receive(entry(count + 11, after: count + 10)), shows: [])
        #expect(tracker.step == .read(after: SequenceNumber(count + 1)))
    }

    /// Whatever is lost, repeated or late on the way, everyone sees the log, once and in order.
    @Test(arguments: 1...200) func whateverHappensOnTheWayTheLogIsShown(seed: UInt64) {
        var random = SplitMix64(state: seed)
        var tracker = following(0)
        var log: [UInt64] = []
        var shown: [UInt64] = []
        for _ in 0..<300 {
            let sequence = (log.last ?? 0) + UInt64.random(in: 1...3, using: &random)
            let previous = log.last
            log.append(sequence)
            if Int.random(in: 0..<10, using: &random) > 1 {
                shown += numbers(tracker.receive(entry(sequence, after: previous)))
            }
            if Int.random(in: 0..<10, using: &random) == 0 {
                shown += numbers(tracker.receive(entry(sequence, after: previous)))
            }
            if Int.random(in: 0..<20, using: &random) == 0 { _ = tracker.doubt() }
            if Int.random(in: 0..<4, using: &random) == 0 { repair(&tracker, log, &shown, &random) }
        }
        tracker.headIs(SequenceNumber(log.last ?? 0))
        while tracker.step != nil { repair(&tracker, log, &shown, &random) }
        #expect(shown == log)
    }

    /// One read, which may lag behind the log's end.
    private func repair(
        _ tracker: inout GapTracker, _ log: [UInt64], _ shown: inout [UInt64], _ random: inout SplitMix64
    ) {
        if tracker.step == .head { tracker.headIs(SequenceNumber(log.last ?? 0)) }
        guard case .read(let after) = tracker.step else { return }
        let end = log.dropLast(Int.random(in: 0...1, using: &random)).last ?? 0
        let found = log.filter { $0 > after.value && $0 <= end }.map { entry($0) }
        shown += numbers(tracker.read(found))
        let (show, isLost) = tracker.readEnded(at: SequenceNumber(end))
        shown += numbers(show)
        #expect(!isLost)
    }
}

/// A small generator with a seed, so that a failure can be repeated (Steele, Lea, Flood: “Fast Splittable Pseudorandom
/// Number Generators”, 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
