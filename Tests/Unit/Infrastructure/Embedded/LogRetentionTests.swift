import Domain
import Service
import Synchronization
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureEmbedded

/// What is dropped, what the disk gets back, and what the log says about it.
struct LogRetentionTests {
    private let storage = FaultyStorage()
    private let clock = LogClock()
    private let quiet: Topic

    init() throws { quiet = try .room(called: "quiet") }

    private func open(
        _ storage: FaultyStorage? = nil, messages: Int = 10, age: Duration = .seconds(1_000_000)
    ) throws -> LogStoreFixture {
        try LogStoreFixture(storage ?? self.storage, clock: clock, messages: messages, age: age, segment: 2000)
    }

    @Test func `of each topic the newest are kept, and the floor says what was dropped`() throws {
        let log = try open()
        try log.append(["q1", "q2"], to: quiet)
        try log.append((1...30).map { "\($0)" })
        for log in [log, try open(storage.afterKill())] {
            let page = try log.page()
            #expect(page.entries.compactMap(\.content) == (21...30).map { "\($0)" })
            #expect(page.floor.value == 22)
            #expect(!page.more)
            // Nothing of the quiet room was ever dropped.
            #expect(try log.page(of: quiet).floor == .zero)
            #expect(try log.contents(of: quiet) == ["q1", "q2"])
            #expect(try log.all().compactMap(\.content) == ["q1", "q2"] + (21...30).map { "\($0)" })
        }
    }

    @Test func `what is too old is dropped, and numbers go on all the same`() throws {
        let log = try open(age: .seconds(3600))
        try log.append(["1", "2"])
        try log.append(["q"], to: quiet)
        clock.advance(by: .seconds(3000))
        try log.append(["3"])
        clock.advance(by: .seconds(1000))
        // What each has lost is said, for those who have it in memory.
        #expect(log.store.expire() == [.global: 2, quiet: 3])
        #expect(log.store.expire() == [:])
        for log in [log, try open(storage.afterKill(), age: .seconds(3600))] {
            #expect(try log.contents() == ["3"])
            #expect(try log.page().floor.value == 2)
            #expect(
                try log.page(of: quiet)
                    == LogPage(
                        entries: [], more: false, floor: SequenceNumber(3), head: .zero, end: SequenceNumber(4),
                        epoch: log.store.epoch))
            // A topic that nobody knows any more may have been one of those.
            #expect(try log.page(of: .room(called: "unheard-of")).floor.value == 3)
        }
        clock.advance(by: .seconds(4000))
        log.store.expire()
        log.store.compact()
        #expect(try log.all().isEmpty && log.bytesOnDisk == 0)
        let after = try open(storage.afterPowerLoss(), age: .seconds(3600))
        #expect(try after.append(["5"])[0] == 5)
        #expect(try after.page().floor.value == 4)
    }

    @Test func `the disk holds little more than what is retained, though a quiet room has a word in each segment`()
        throws
    {
        let log = try open(messages: 100)
        for number in 0..<50 {
            try log.append(["q\(number)"], to: quiet)
            try log.append((0..<40).map { "\(number)/\($0)" })
            clock.advance(by: .seconds(10))
            log.store.compact()
        }
        clock.advance(by: .seconds(200))
        log.store.compact()
        let contents = try log.contents()
        #expect(contents.count == 100)
        let live = log.store.index.withLock { $0.segments.values.reduce(0) { $0 + $1.liveBytes } }
        #expect(log.bytesOnDisk < 2 * live + 3 * 2000)
        for log in [
            log, try open(storage.afterKill(), messages: 100), try open(storage.afterPowerLoss(), messages: 100),
        ] {
            #expect(try log.contents() == contents)
            #expect(try log.contents(of: quiet) == (0..<50).map { "q\($0)" })
            #expect(try log.all().count == 150)
            #expect(try log.page(of: quiet).floor == .zero)
            #expect(try log.page().floor.value == 50 * 41 - 102)
        }
    }

    @Test func `a segment stays while its ids may come again`() throws {
        let log = try open(messages: 1)
        let draft = try Draft.sample("again")
        let first = try log.append(draft).appended
        try log.append((0..<100).map { "\($0)" })
        log.store.compact()
        let after = try open(storage.afterKill(), messages: 1)
        #expect(try after.append(draft).appended == Appended(sequence: first.sequence, isDuplicate: true))
        clock.advance(by: .seconds(130))
        after.store.compact()
        #expect(after.storage.segments.count <= 2)
    }

    @Test func `whenever the process dies while it compacts, everything retained is there, once and in order`() throws {
        for changes in 0..<40 {
            let storage = FaultyStorage()
            let clock = LogClock()
            func open(_ storage: FaultyStorage, messages: Int = 20) throws -> LogStoreFixture {
                try LogStoreFixture(storage, clock: clock, messages: messages, segment: 2000)
            }
            let log = try open(storage)
            for number in 0..<20 {
                try log.append(["q\(number)"], to: quiet)
                try log.append((0..<10).map { "\(number)/\($0)" })
            }
            clock.advance(by: .seconds(200))
            let all = try log.all()
            storage.dieAfter(changes)
            log.store.compact()
            #expect(try log.all() == all)
            for storage in [storage.afterKill(), storage.afterPowerLoss()] {
                let after = try open(storage)
                #expect(try after.all() == all)
                #expect(try after.page(of: quiet).floor == .zero)
                #expect(try after.page().floor == log.page().floor)
                after.store.compact()
                #expect(try after.all() == all)
                #expect(try after.append(["next"])[0] == 221)
            }
            // Where more is kept from now on, what was dropped leaves no holes when some of it comes back.
            let entries = try open(storage.afterKill(), messages: 1000).page().entries
            #expect(entries.dropFirst().allSatisfy { $0.previous != nil })
            #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.sequence == $1.previous })
            let last = try #require(entries.last)
            #expect(
                try entries.compactMap(\.content).suffix(20) == log.contents().suffix(20) && last.sequence.value == 220)
        }
    }

    @Test func `who reads while segments go away reads to the end`() throws {
        let log = try open(messages: 100)
        try log.append((0..<100).map { "\($0)" })
        let plan = log.store.index.withLock {
            $0.page(of: .global, .after(.zero), limit: PageLimit(entries: 100, bytes: 1 << 20))
        }
        try log.append((100..<300).map { "\($0)" })
        clock.advance(by: .seconds(200))
        log.store.compact()
        #expect(log.storage.segments.first != "0000000001.log")
        let page = try plan.read(limit: PageLimit(entries: 100, bytes: 1 << 20), epoch: log.store.epoch) { _ in }
        #expect(page.entries.compactMap(\.content) == (0..<100).map { "\($0)" })
    }
}
