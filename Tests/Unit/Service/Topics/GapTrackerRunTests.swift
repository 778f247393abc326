import Domain
import Testing

@testable import Service
@testable import TestSupport

/// Random runs: a log that grows and may drop its oldest entries, and a bus that loses and repeats.
struct GapTrackerRunTests {
    private struct Run {
        var random: SeededGenerator
        let dropsEntries: Bool
        var tracker = GapTracker()
        /// Everything that was ever stored, and the newest entry that is not retained any more.
        var stored: [UInt64] = [5]
        var dropped: UInt64 = 0
        var outputs: [GapTracker.Output] = []

        init(seed: UInt64, dropsEntries: Bool) {
            random = SeededGenerator(seed: seed)
            self.dropsEntries = dropsEntries
            tracker.headIs(SequenceNumber(5))
        }

        var retained: [UInt64] { stored.filter { $0 > dropped } }

        mutating func chance(_ count: Int, of total: Int) -> Bool { Int.random(in: 0..<total, using: &random) < count }

        mutating func store() {
            let sequence = stored[stored.count - 1] + UInt64.random(in: 1...3, using: &random)
            let entry = GapTracker.entry(sequence, after: retained.last)
            stored.append(sequence)
            if chance(8, of: 10) { outputs += tracker.receive(entry) }
            if chance(1, of: 10) { outputs += tracker.receive(entry) }
            if chance(1, of: 20) { _ = tracker.doubt() }
            if dropsEntries, chance(1, of: 10), let position = retained.indices.randomElement(using: &random) {
                dropped = retained[position]
            }
        }

        /// One read, in pages, which may lag behind the log's end.
        mutating func repair(isComplete: Bool) {
            if tracker.step == .head { tracker.headIs(SequenceNumber(retained.last ?? 0)) }
            guard case .read(let after) = tracker.step else { return }
            let missing = isComplete ? 0 : Int.random(in: 0...1, using: &random)
            let end = stored.dropLast(missing).last ?? 0
            var page = retained.filter { $0 > after.value && $0 <= end }[...]
            var floor: SequenceNumber? = SequenceNumber(dropped)
            repeat {
                let size = Int.random(in: 1...4, using: &random)
                outputs += tracker.read(page.prefix(size).map { GapTracker.entry($0) }, floor: floor)
                page = page.dropFirst(size)
                floor = nil
            } while !page.isEmpty
            outputs += tracker.readEnded(at: SequenceNumber(end))
        }

        /// The bus and the log are as they should be at last: everything comes that is still to be had.
        mutating func finish() {
            tracker.headIs(SequenceNumber(stored[stored.count - 1]))
            for _ in 0..<20 where tracker.step != nil { repair(isComplete: true) }
        }
    }

    private func run(_ seed: UInt64, dropsEntries: Bool) -> Run {
        var run = Run(seed: seed, dropsEntries: dropsEntries)
        for _ in 0..<300 {
            run.store()
            if run.chance(1, of: 4) { run.repair(isComplete: false) }
        }
        run.finish()
        return run
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `whatever is lost, repeated or late on the way, the log is shown, once and in order`(seed: UInt64) {
        let run = run(seed, dropsEntries: false)
        #expect(run.tracker.step == nil)
        #expect(run.outputs.map(\.words) == run.stored.dropFirst().map { "\($0)" })
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `what is dropped before it is shown lies in a gap that is told, in its place`(seed: UInt64) {
        let run = run(seed, dropsEntries: true)
        #expect(run.tracker.step == nil)
        var position: UInt64 = 5
        var unseen = run.stored.dropFirst()[...]
        for output in run.outputs {
            switch output {
            case .entry(let entry):
                #expect(entry.sequence.value > position)
                // Whatever stands between this and the last was told to be gone.
                #expect(unseen.first == entry.sequence.value)
                unseen = unseen.drop { $0 <= entry.sequence.value }
                position = entry.sequence.value
            case .gap(let after, let before):
                #expect(after.value == position && before.value > position)
                unseen = unseen.drop { $0 < before.value }
            case .late:
                Issue.record("nobody reads")
            }
        }
        // The rest was dropped with nothing after it.
        #expect(unseen.allSatisfy { $0 <= run.dropped })
    }
}
