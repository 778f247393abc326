import Domain
import Testing

@testable import Service
@testable import SteppedService

/// Where a reader begins, and what it is told about that.
struct ReadingTests {
    private let chat = SteppedChat()
    private let room = Topic.room(.global)
    private let epoch = Epoch("epoch-1")

    /// A log with messages 1 to `count`.
    private func store(_ count: Int) { for number in 1...count { chat.store("\(number)") } }

    private func reader(_ name: String = "alice", at point: ReadingPoint) throws -> SteppedReader {
        let reader = try chat.open(name)
        try reader.read(room, at: point)
        chat.settle()
        return reader
    }

    private func after(_ sequence: UInt64, _ epoch: Epoch? = Epoch("epoch-1")) -> ReadingPoint {
        .after(SequenceNumber(sequence), epoch, orLatest: 50)
    }

    // MARK: The latest

    @Test(arguments: [(0, 0), (1, 1), (7, 7), (50, 20), (100, 20)])
    func `who is new is shown so many of the latest messages`(count: Int, shown: Int) throws {
        store(20)
        let reader = try reader(at: .latest(count))
        #expect(reader.numbers() == Array(1...20).suffix(shown))
        let start = try #require(reader.start)
        #expect(!start.isResumed && !start.isTruncated)
        #expect(start.hasOlder == (shown < 20))
        #expect(start.head == SequenceNumber(20) && start.epoch == epoch)
    }

    @Test func `in an empty room there is nothing to show, and what comes is live`() throws {
        let reader = try reader(at: .latest(50))
        #expect(reader.numbers() == [])
        #expect(reader.start?.hasOlder == false)
        chat.store("first")
        chat.settle()
        #expect(reader.numbers() == [1])
    }

    @Test func `an original server's notices stand in no history, and do not count`() throws {
        store(3)
        for number in 4...6 { chat.log.store(.foreignNotice("\(number)"), in: room) }
        store(1)
        let reader = try reader(at: .latest(2))
        #expect(reader.numbers() == [3, 7])
    }

    @Test func `behind however many notices who is new is shown the latest messages`() throws {
        store(3)
        for number in 4...1200 { chat.log.store(.foreignNotice("\(number)"), in: room) }
        let reader = try reader(at: .latest(2))
        #expect(reader.numbers() == [2, 3])
        #expect(reader.start?.hasOlder == true)
        chat.store("next")
        chat.settle()
        #expect(reader.numbers() == [1201])
    }

    @Test func `an entry of an unknown kind is counted and passed over: in history, live and by who resumes at it`()
        throws
    {
        store(2)
        chat.log.store(.unknown, in: room)
        store(1)
        let reader = try reader(at: .latest(2))
        #expect(reader.numbers() == [2, 4])
        let counted = try #require(chat.count("chat_entries_unknown_total"))
        #expect(counted > 0)
        chat.log.store(.unknown, in: room)
        store(1)
        chat.settle()
        #expect(reader.numbers() == [6])
        #expect(chat.count("chat_entries_unknown_total") == counted + 1)
        let other = try self.reader("bob", at: after(3))
        #expect(other.numbers() == [4, 6])
        #expect(other.start?.isTruncated == false)
        #expect(chat.count("chat_gaps_found_total") == 0)
    }

    // MARK: Resuming

    @Test(arguments: [0, 1, 7, 19, 20] as [UInt64])
    func `who comes back is shown everything beyond what it has seen, and nothing else`(seen: UInt64) throws {
        store(20)
        let reader = try reader(at: after(seen))
        #expect(reader.numbers() == Array(seen..<20).map { $0 + 1 })
        let start = try #require(reader.start)
        #expect(start.isResumed && !start.isTruncated && !start.hasOlder)
        #expect(chat.count("chat_resumes_total") == 1)
        chat.store("next")
        chat.settle()
        #expect(reader.numbers() == [21])
    }

    @Test(arguments: [21, 1_000_000, .max] as [UInt64])
    func `who has seen more than there is begins anew, and is told that something may be missing`(seen: UInt64) throws {
        store(20)
        let reader = try reader(at: after(seen))
        #expect(reader.numbers() == Array(1...20))
        let start = try #require(reader.start)
        #expect(!start.isResumed && start.isTruncated)
    }

    @Test(arguments: [Epoch("epoch-0"), Epoch(""), nil])
    func `numbers of another log say nothing`(epoch: Epoch?) throws {
        store(60)
        let reader = try reader(at: after(55, epoch))
        // As without a place: the latest fifty.
        #expect(reader.numbers() == Array(11...60))
        let start = try #require(reader.start)
        #expect(!start.isResumed && start.isTruncated && start.hasOlder)
    }

    @Test(arguments: [(9, true), (10, false), (11, false), (20, false)] as [(UInt64, Bool)])
    func `who stood before what is gone is told so, and who stood behind it is not`(seen: UInt64, isTruncated: Bool)
        throws
    {
        store(20)
        chat.log.drop(upTo: SequenceNumber(10))
        let reader = try reader(at: after(seen))
        #expect(reader.numbers() == Array(max(seen, 10)..<20).map { $0 + 1 })
        #expect(reader.start?.isResumed == true)
        #expect(reader.start?.isTruncated == isTruncated)
    }

    @Test func `who has seen more elsewhere than was shown here is not shown that again`() throws {
        chat.run()
        _ = try reader("bob", at: .latest(0))
        store(5)
        // None of it has come in live here yet.
        let reader = try chat.open("alice")
        try reader.read(room, at: after(3))
        chat.executor.settle()
        chat.settle()
        #expect(reader.numbers() == [4, 5])
        #expect(reader.start?.isTruncated == false)
    }

    @Test func `what is before one's time is not shown`() throws {
        store(20)
        for point in [.latest(50), after(3)] as [ReadingPoint] {
            let reader = try chat.open(point == .latest(50) ? "alice" : "bob")
            try reader.read(room, at: point, notBefore: SequenceNumber(15))
            chat.settle()
            #expect(reader.numbers() == Array(16...20))
        }
    }

    // MARK: Pages

    @Test(arguments: [(1, 20), (3, 20), (100, 20), (7, 0)])
    func `pages hold so many messages at the most, and all together everything`(entries: Int, seen: UInt64) throws {
        store(40)
        let reader = try chat.open("alice")
        try reader.read(room, at: after(seen), limit: PageLimit(entries: entries, bytes: 1 << 20))
        chat.settle()
        #expect(reader.numbers() == Array(seen..<40).map { $0 + 1 })
    }

    @Test func `pages hold so many bytes at the most, but one message, however large`() throws {
        for number in 1...30 { chat.store("\(number) " + String(repeating: "x", count: number == 15 ? 9000 : 500)) }
        let reader = try chat.open("alice")
        try reader.read(room, at: after(0), limit: PageLimit(entries: 100, bytes: 2000))
        chat.settle()
        #expect(reader.numbers() == Array(1...30))
    }

    @Test(arguments: [1500, 3000])
    func `what the window does not hold any more is read from the log`(count: Int) throws {
        store(count)
        let reader = try reader(at: after(1))
        #expect(reader.numbers() == Array(2...UInt64(count)))
        #expect(reader.start?.isTruncated == false)
        // Once for the window, and once for each page that is older.
        let older = (count - 1000) / 100
        #expect((chat.count("chat_log_reads_total") ?? 0) <= 2 + older)
        chat.store("next")
        chat.settle()
        #expect(reader.numbers() == [UInt64(count) + 1])
    }

    // MARK: What it costs

    @Test func `two hundred who come at once cost the log one read`() throws {
        chat.run()
        store(300)
        let readers = try (0..<200).map { try chat.open("user\($0)") }
        chat.log.reading.close()
        for reader in readers { try reader.read(room, at: after(290)) }
        chat.executor.settle()
        chat.log.reading.open()
        chat.settle()
        for reader in readers { #expect(reader.numbers() == Array(291...300)) }
        #expect(chat.count("chat_log_reads_total") == 1)
        #expect(chat.count("chat_resumes_total") == 200)
        // And those who come later nothing.
        let late = try reader("late", at: .latest(50))
        #expect(late.numbers() == Array(251...300))
        #expect(chat.count("chat_log_reads_total") == 1)
    }

    @Test func `a room that nobody follows any more keeps nothing`() throws {
        store(10)
        let readers = try ["alice", "bob"].map { try reader($0, at: .latest(50)) }
        #expect(chat.service.topics.historyBytes > 0)
        #expect(chat.log.followed == [room])
        #expect(chat.service.topics.activeCount == 1)
        chat.service.unfollow(room, for: readers[0].session)
        #expect(chat.log.followed == [room])
        chat.service.unfollow(room, for: readers[1].session)
        chat.service.unfollow(room, for: readers[1].session)
        #expect(chat.log.followed == [])
        #expect(chat.service.topics.activeCount == 0)
        #expect(chat.service.topics.historyBytes == 0)
    }

    // MARK: Failures

    @Test func `while the log cannot be read nobody begins, and everybody can later`() throws {
        store(5)
        let readers = try ["alice", "bob"].map { try chat.open($0) }
        chat.log.refuseReads()
        for reader in readers { try reader.read(room, at: .latest(50)) }
        chat.settle()
        for reader in readers { #expect(reader.failure == .unavailable && reader.start == nil) }
        chat.log.refuseReads(false)
        for reader in readers { try reader.read(room, at: .latest(50)) }
        chat.settle()
        for reader in readers { #expect(reader.numbers() == [1, 2, 3, 4, 5]) }
    }

    @Test func `what is shown live while the window is filled is not lost`() throws {
        chat.run()
        store(5)
        let reader = try chat.open("alice")
        chat.log.reading.close()
        try reader.read(room, at: .latest(50))
        chat.executor.settle()
        for number in 6...9 { chat.store("\(number)") }
        chat.settle()
        #expect(reader.numbers() == [])
        chat.log.reading.open()
        chat.settle()
        #expect(reader.numbers() == Array(1...9))
    }

    @Test func `a log that is another one while it is read is not mixed with the old one`() throws {
        chat.run()
        store(5)
        let reader = try chat.open("alice")
        chat.log.reading.close()
        try reader.read(room, at: after(2))
        chat.executor.settle()
        chat.log.renew()
        chat.store("new")
        chat.log.reading.open()
        chat.settle()
        // Either it fails and begins again, or it has begun with the new log; never with numbers of the old one.
        #expect(chat.edge.renewed.contains(.rooms))
        if let start = reader.start {
            #expect(start.epoch == Epoch("epoch-2") && !start.isResumed && start.isTruncated)
            #expect(reader.numbers() == [1])
        } else {
            #expect(reader.failure == .unavailable)
            #expect(reader.numbers() == [])
        }
    }

    @Test func `a log that becomes another one between two pages ends the reading`() throws {
        store(1500)
        let reader = try chat.open("alice")
        chat.log.reading.close()
        try reader.read(room, at: after(0), limit: PageLimit(entries: 10, bytes: 1 << 20))
        chat.settle()
        for _ in ["the window", "a page older than that"] {
            chat.log.reading.letThrough()
            chat.settle()
        }
        chat.log.renew()
        chat.store("new")
        chat.log.reading.open()
        chat.settle()
        #expect(reader.failure == .unavailable)
        #expect(reader.numbers() == Array(1...10))
    }
}
