import Domain
import Service
import Synchronization
import Testing

@testable import InfrastructureEmbedded

/// Records that a later version has written: of a kind that is not known here, or with more behind their texts.
struct LaterVersionTests {
    private let storage = FaultyStorage()
    private let clock = LogClock()

    private func open(
        _ storage: FaultyStorage, messages: Int = 1000, age: Duration = .seconds(1_000_000), segment: Int = 16 << 20
    ) throws -> LogStoreFixture {
        try LogStoreFixture(storage, clock: clock, messages: messages, age: age, segment: segment)
    }

    /// What stands on the disk when a later version has added to the log and was ended.
    ///
    /// - Parameters:
    ///   - flags: of a record besides those that are known today.
    ///   - rest: what stands behind the texts.
    private func adding(
        _ content: String, to log: LogStoreFixture, in topic: Topic = .global, flags: UInt8, rest: [UInt8] = []
    ) throws -> FaultyStorage {
        let name = try #require(log.storage.segments.last)
        let segment = try #require(log.storage.files[name])
        let salt = try #require(SegmentHeader(Array(segment.prefix(SegmentHeader.bytes)))).salt
        let (last, before) = log.store.index.withLock { ($0.kinds[topic.kind].last, $0.before(topic)) }
        var record: [UInt8] = []
        let length = LogRecord.append(
            try .sample(content, in: topic), sequence: last + 1, before: before,
            storedAt: clock.source.wall().millisecondsSince1970, salt: salt, to: &record)
        try #require(length != nil)
        record[LogRecord.frameBytes] |= flags
        record += rest
        var sized: [UInt8] = []
        sized.appendInteger(UInt32(record.count - LogRecord.frameBytes))
        record.replaceSubrange(0..<4, with: sized)
        LogRecord.seal(&record, from: 0, salt: salt)
        return log.storage.afterKill().with(name, segment + record)
    }

    @Test(
        arguments: [4, 8, 16, 32, 64, 128, 0b1111_1100] as [UInt8], [[], [0], Array("more of it".utf8)] as [[UInt8]])
    func `a record with an unknown flag takes its place at the tail, and nothing is cut off`(
        flag: UInt8, rest: [UInt8]
    ) throws {
        let before = try open(storage)
        try before.append(["1", "2"])
        let later = try adding("later", to: before, flags: flag, rest: rest)
        let size = try #require(later.files[later.segments[0]]).count
        var after = try open(later)
        for _ in 0..<2 {
            let page = try after.page()
            #expect(page.entries.map(\.sequence.value) == [1, 2, 3])
            #expect(page.entries.map(\.content) == ["1", "2", nil])
            #expect(page.entries.last?.body == .unknown)
            #expect(page.entries.last?.previous?.value == 2)
            #expect(page.floor == .zero && page.head.value == 3)
            #expect(try after.all().map(\.body) == page.entries.map(\.body))
            #expect(after.store.epoch == before.store.epoch)
            #expect(after.bytesOnDisk == size)
            after = try open(after.storage.afterKill())
        }
        let next = try after.append(try .sample("4"))
        #expect(next.appended.sequence.value == 4 && next.entry?.previous?.value == 3)
        let again = try open(after.storage.afterKill())
        #expect(try again.page().entries.map(\.content) == ["1", "2", nil, "4"])
        #expect(try again.page().floor == .zero)
    }

    @Test func `what stands behind the texts of a message does not hide it`() throws {
        let before = try open(storage)
        try before.append(["1"])
        let after = try open(try adding("2", to: before, flags: 0, rest: [1, 2, 3]))
        #expect(try after.contents() == ["1", "2"])
        #expect(try after.page().floor == .zero)
    }

    @Test func `an unknown entry of an inbox is the inbox's`() throws {
        let inbox = try Topic.inbox(of: "bob")
        let before = try open(storage)
        try before.append(["psst"], to: inbox)
        let after = try open(try adding("later", to: before, in: inbox, flags: 128))
        #expect(try after.page(of: inbox).entries.map(\.content) == ["psst", nil])
        #expect(try after.all(.inboxes).map(\.body).last == .unknown)
        #expect(try after.all(.rooms).isEmpty)
    }

    @Test func `damage is still damage in a record that nobody here understands`() throws {
        let before = try open(storage)
        try before.append(["1"])
        let later = try adding("later", to: before, flags: 64, rest: [7])
        let name = later.segments[0]
        let bytes = try #require(later.files[name])
        let whole = try #require(storage.files[name]).count
        for position in whole..<bytes.count {
            var spoilt = bytes
            spoilt[position] ^= 1
            for storage in [later.with(name, spoilt), later.with(name, Array(bytes.prefix(position)))] {
                let after = try open(storage)
                #expect(try after.contents() == ["1"])
                #expect(after.bytesOnDisk == whole)
                #expect(try after.append(["next"])[0] > 1)
            }
        }
    }

    @Test func `an unknown entry counts in its topic, and goes as the oldest like any other`() throws {
        var log = try open(storage, messages: 3)
        log = try open(try adding("later", to: log.appended("1"), flags: 32), messages: 3)
        try log.append(["3"])
        #expect(try log.page().entries.map(\.content) == ["1", nil, "3"])
        try log.append(["4"])
        #expect(try log.page().entries.map(\.content) == [nil, "3", "4"])
        #expect(try log.page().floor.value == 1)
        try log.append(["5"])
        for log in [log, try open(log.storage.afterKill(), messages: 3)] {
            #expect(try log.page().entries.map(\.content) == ["3", "4", "5"])
            #expect(try log.page().floor.value == 2)
        }
    }

    @Test func `an unknown entry expires by its age`() throws {
        let before = try open(storage, age: .seconds(3600))
        try before.append(["1"])
        let log = try open(try adding("later", to: before, flags: 32), age: .seconds(3600))
        clock.advance(by: .seconds(3000))
        try log.append(["3"])
        clock.advance(by: .seconds(1000))
        #expect(log.store.expire() == [.global: 2])
        #expect(try log.contents() == ["3"])
    }

    @Test func `compaction copies an unknown entry as it is`() throws {
        let rest = Array("what only a later version understands".utf8)
        var log = try open(storage, messages: 4, segment: 400)
        try log.append(["q"], to: .room(called: "quiet"))
        log = try open(
            try adding("later", to: log, in: .room(called: "quiet"), flags: 16, rest: rest), messages: 4, segment: 400)
        try log.append((1...12).map { "\($0)" })
        let body = try #require(bodies(in: log).first { $0.contains(rest) })
        let files = log.storage.segments
        clock.advance(by: .seconds(200))
        log.store.compact()
        #expect(log.storage.segments != files)
        #expect(try bodies(in: log).contains(body))
        for log in [log, try open(log.storage.afterPowerLoss(), messages: 4, segment: 400)] {
            let page = try log.page(of: .room(called: "quiet"))
            #expect(page.entries.map(\.content) == ["q", nil])
            #expect(page.entries.last?.body == .unknown)
            #expect(page.floor == .zero)
        }
    }

    /// The bodies of all records on the disk.
    private func bodies(in log: LogStoreFixture) throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        for segment in log.store.index.withLock({ index in index.order.compactMap { index.segments[$0] } }) {
            var scanner = SegmentScanner(segment.file, header: segment.header, to: segment.size)
            while case .record(_, _, let bytes)? = try scanner.next() {
                bodies.append(Array(bytes.dropFirst(LogRecord.frameBytes)))
            }
        }
        return bodies
    }
}

extension LogStoreFixture {
    fileprivate func appended(_ content: String) throws -> LogStoreFixture {
        try append([content])
        return self
    }
}
