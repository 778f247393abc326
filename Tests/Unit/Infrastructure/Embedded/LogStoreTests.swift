import Domain
import Service
import Testing

@testable import InfrastructureEmbedded
@testable import TestSupport

/// What is stored, what it looks like, and that a restart changes nothing.
struct LogStoreTests {
    private let storage = FaultyStorage()
    private let clock = LogClock()
    private let quiet: Topic
    private let inbox: Topic

    init() throws {
        quiet = try .room(called: "quiet")
        inbox = try .inbox(of: "bob")
    }

    private func open(_ storage: FaultyStorage? = nil) throws -> LogStoreFixture {
        try LogStoreFixture(storage ?? self.storage, clock: clock)
    }

    @Test func `rooms and inboxes are numbered apart, and keep every field`() throws {
        let log = try open()
        try log.append(["1", "2"])
        let draft = try Draft.sample("\0 \"日本語\" 😀", in: inbox, id: MessageID("the id"))
        #expect(try log.append(draft).appended == Appended(sequence: SequenceNumber(1), isDuplicate: false))
        try log.append(["3"])
        for log in [log, try open(storage.afterKill())] {
            #expect(try log.all().map(\.sequence.value) == [1, 2, 3])
            let entry = try #require(try log.page(of: inbox).entries.first)
            let message = Message(
                id: MessageID("the id"), sender: "alice", recipient: "bob", content: "\0 \"日本語\" 😀",
                timestamp: draft.timestamp)
            #expect(
                entry
                    == Entry(topic: inbox, sequence: SequenceNumber(1), previous: nil, body: .message(message)))
            #expect(try log.all(.inboxes) == [entry])
        }
    }

    @Test func `what a batch returns to be shown is what is read back`() throws {
        let log = try open()
        let drafts = try (0..<20).map { try Draft.sample("\($0)", in: $0.isMultiple(of: 3) ? quiet : .global) }
        let stored = try log.store.append(drafts).map { try $0.get() }
        #expect(stored.compactMap(\.entry) == (try log.all()))
        #expect(stored.map(\.appended.sequence.value) == Array(1...20))
        #expect(stored[4].entry?.previous == SequenceNumber(3))
    }

    @Test func `after a restart numbers, messages and the epoch go on`() throws {
        let before = try open()
        let sequences = try before.append(["1", "2", "3"])
        for storage in [storage.afterKill(), storage.afterPowerLoss()] {
            let after = try open(storage)
            #expect(after.store.epoch == before.store.epoch)
            #expect(try after.contents() == ["1", "2", "3"])
            #expect(after.store.head(of: .global).value == sequences[2])
            let next = try after.append(try Draft.sample("4"))
            #expect(next.appended.sequence.value == sequences[2] + 1)
            #expect(next.entry?.previous?.value == sequences[2])
        }
    }

    @Test func `a directory that was emptied is another log`() throws {
        let before = try open()
        try before.append(["1"])
        let after = try open(FaultyStorage())
        #expect(after.store.epoch != before.store.epoch)
        #expect(after.store.head(of: .global) == .zero)
    }

    @Test func `without its manifest it is another log, with the same messages`() throws {
        let before = try open()
        try before.append(["1", "2"])
        let storage = storage.afterKill()
        try storage.remove("manifest.json")
        let after = try open(storage)
        #expect(after.store.epoch != before.store.epoch)
        #expect(try after.contents() == ["1", "2"])
        #expect(try after.page(of: quiet).floor.value == 2)
    }

    @Test func `ids that Unicode calls equivalent are several ids, at once, one by one and across a restart`() throws {
        let ids = ["caf\u{E9}", "cafe\u{301}", "\u{212B}", "\u{C5}", "\u{D55C}", "\u{1112}\u{1161}\u{11AB}"]
        let log = try open()
        let drafts = try ids.enumerated().map { try Draft.sample("\($0)", id: MessageID($1)) }
        #expect(try log.store.append(Array(drafts.prefix(4))).allSatisfy { try !$0.get().appended.isDuplicate })
        for draft in drafts.suffix(2) { #expect(try !log.append(draft).appended.isDuplicate) }
        for log in [log, try open(storage.afterKill())] {
            #expect(try log.contents() == ids.indices.map { "\($0)" })
            #expect(try log.store.append(drafts).allSatisfy { try $0.get().appended.isDuplicate })
        }
    }

    @Test func `an id is known for two minutes, across a restart too`() throws {
        let before = try open()
        let id = MessageID("again")
        let first = try before.append(try Draft.sample("first", id: id)).appended
        clock.advance(by: .seconds(100))
        let after = try open(storage.afterKill())
        for log in [before, after] {
            let again = try log.append(try Draft.sample("again", id: id))
            #expect(again.appended == Appended(sequence: first.sequence, isDuplicate: true))
            #expect(again.entry == nil)
            // In another topic it is another message.
            #expect(try !log.append(try Draft.sample("elsewhere", in: quiet, id: id)).appended.isDuplicate)
        }
        clock.advance(by: .seconds(21))
        for log in [before, after] {
            let late = try log.append(try Draft.sample("late", id: id))
            #expect(!late.appended.isDuplicate && late.appended.sequence > first.sequence)
        }
    }

    @Test func `of one id many times in one batch one message is stored`() throws {
        let log = try open()
        let drafts = try (0..<10).map { try Draft.sample("\($0)", id: MessageID("one")) }
        let words = try log.store.append(drafts).map { try $0.get() }
        #expect(words.map(\.appended.sequence.value) == Array(repeating: 1, count: 10))
        #expect(words.filter { !$0.appended.isDuplicate }.count == 1)
        #expect(try log.contents() == ["0"])
    }

    @Test func `a message that is too long for a record is refused, and the others of its batch are not`() throws {
        let log = try open()
        let long = String(repeating: "x", count: LogRecord.maximumBody)
        let results = log.store.append([try .sample("1"), try .sample(long), try .sample("2")])
        #expect(throws: ChatError.self) { try results[1].get() }
        #expect(try results[2].get().appended.sequence.value == 2)
        #expect(try log.contents() == ["1", "2"])
    }

    @Test func `pages go in all directions, by number and by bytes, and say whether there is more`() throws {
        let log = try open()
        for number in 1...10 {
            try log.append(["\(number)"])
            try log.append(["other"], to: quiet)
        }
        func page(_ range: LogRange, entries: Int = 3, bytes: Int = 1 << 20) throws -> ([String], Bool) {
            let page = try log.page(range, entries: entries, bytes: bytes)
            #expect(page.head.value == 19 && page.floor == .zero && page.epoch == log.store.epoch)
            return (page.entries.compactMap(\.content), page.more)
        }
        #expect(try page(.latest) == (["8", "9", "10"], true))
        #expect(try page(.before(SequenceNumber(15))) == (["5", "6", "7"], true))
        #expect(try page(.before(SequenceNumber(7))) == (["1", "2", "3"], false))
        #expect(try page(.before(.zero)) == ([], false))
        #expect(try page(.after(.zero)) == (["1", "2", "3"], true))
        #expect(try page(.after(SequenceNumber(13))) == (["8", "9", "10"], false))
        #expect(try page(.after(SequenceNumber(.max))) == ([], false))
        #expect(try page(.before(SequenceNumber(.max)), entries: 10) == ((1...10).map { "\($0)" }, false))
        // One at least, however small the limit.
        #expect(try page(.latest, bytes: 1) == (["10"], true))
        #expect(try page(.latest, entries: 0) == (["10"], true))
        let size = try #require(try log.page(.latest).entries.first).frameSize
        #expect(try page(.after(.zero), entries: 10, bytes: 2 * size + 5) == (["1", "2"], true))
        #expect(try page(.latest, entries: 10, bytes: 2 * size + 5) == (["9", "10"], true))
    }

    @Test func `an entry tells which one of its topic came before it, as far as that is retained`() throws {
        let log = try LogStoreFixture(storage, clock: clock, messages: 3)
        for number in 1...5 {
            try log.append(["\(number)"])
            try log.append(["other"], to: quiet)
        }
        #expect(try log.page().entries.map(\.previous?.value) == [nil, 5, 7])
        #expect(try log.all().map(\.sequence.value) == [5, 6, 7, 8, 9, 10])
        #expect(try log.all().map(\.previous?.value) == [nil, nil, 5, 6, 7, 8])
    }

    @Test func `nothing is read where the end is too far away`() throws {
        let log = try open()
        try log.append(["1", "2", "3"])
        func read(_ after: UInt64, _ maximum: UInt64) throws -> SequenceNumber? {
            try log.store.readAll(.rooms, after: SequenceNumber(after), atMost: maximum) { _ in }
        }
        #expect(try read(0, 2) == nil)
        #expect(try read(0, 3) == SequenceNumber(3))
        #expect(try read(.max, 0) == SequenceNumber(3))
    }

    @Test func `a loss of power makes another epoch only where messages were not forced to the disk`() {
        var manifest = LogManifest()
        manifest.boot = "first"
        #expect(!manifest.mayHaveLost(boot: "second"))
        manifest.isLoose = true
        #expect(manifest.mayHaveLost(boot: "second") && manifest.mayHaveLost(boot: nil))
        #expect(!manifest.mayHaveLost(boot: "first"))
        manifest.isClosed = true
        #expect(!manifest.mayHaveLost(boot: "second"))
    }

    @Test func `with interval, what was acknowledged outlives the process at once, and the power after the next sync`()
        throws
    {
        let log = try LogStoreFixture(storage, clock: clock, sync: .interval)
        try log.append(["1", "2"])
        #expect(try open(storage.afterKill()).contents() == ["1", "2"])
        #expect(try open(storage.afterPowerLoss()).contents() == [])
        log.store.sync()
        #expect(try open(storage.afterPowerLoss()).contents() == ["1", "2"])
    }

    @Test func `a log that was closed takes no more`() throws {
        let log = try open()
        try log.append(["1"])
        log.store.close()
        #expect(throws: ChatError.self) { try log.append(["2"]) }
        #expect(try open().contents() == ["1"])
    }
}
