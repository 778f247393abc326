import Domain
import Service
import Synchronization
import Testing

@testable import InfrastructureEmbedded

/// What a start makes of files that are not as they were left.
struct LogRecoveryTests {
    private let storage = FaultyStorage()
    private let contents = ["1", "two", "3", "vier 😀", "5"]

    private func open(_ storage: FaultyStorage, segment: Int = 16 << 20) throws -> LogStoreFixture {
        try LogStoreFixture(storage, segment: segment)
    }

    /// Where each record of a segment begins, and the end.
    private func boundaries(_ name: String, in log: LogStoreFixture) -> [Int] {
        log.store.index.withLock { index in
            let key = index.segments.first { $0.value.name == name }?.key
            let entries = index.topics.values.flatMap(\.entries).filter { $0.segment == key }
            return entries.map { Int($0.offset) }.sorted() + [log.storage.files[name]?.count ?? 0]
        }
    }

    @Test func `wherever the file ends, all whole records before are there, and the log goes on`() throws {
        let before = try open(storage)
        try before.append(contents)
        let name = try #require(storage.segments.last)
        let bytes = try #require(storage.files[name])
        let boundaries = boundaries(name, in: before)
        for end in 0..<bytes.count {
            let storage = storage.with(name, Array(bytes.prefix(end)))
            let whole = boundaries.dropFirst().count { $0 <= end }
            let expected = Array(contents.prefix(whole))
            let after = try open(storage)
            #expect(try after.contents() == expected)
            #expect(after.store.epoch == before.store.epoch)
            // What was cut off was not acknowledged, so nothing is missing.
            #expect(try after.page().floor == .zero)
            let next = try after.append(["next"])[0]
            #expect(next > UInt64(whole))
            #expect(try open(storage.afterPowerLoss()).contents() == expected + ["next"])
        }
    }

    @Test func `zeros at the end are cut off, as some file systems leave them`() throws {
        try open(storage).append(contents)
        let name = try #require(storage.segments.last)
        let bytes = try #require(storage.files[name])
        for count in [1, 7, 8, 100, 5000] {
            let after = try open(storage.with(name, bytes + Array(repeating: 0, count: count)))
            #expect(try after.page().floor == .zero)
            try after.append(["next"])
            #expect(try open(after.storage.afterKill()).contents() == contents + ["next"])
        }
    }

    @Test func `whichever bit is wrong, at most its own message is lost, and that is known`() throws {
        let before = try open(storage)
        try before.append(contents)
        let name = try #require(storage.segments.last)
        let bytes = try #require(storage.files[name])
        let boundaries = boundaries(name, in: before)
        for position in bytes.indices {
            let lost = boundaries.lastIndex { $0 <= position }
            var spoilt = bytes
            spoilt[position] ^= 1 << (position % 8)  // each bit of each byte would take long
            let after = try open(storage.with(name, spoilt))
            var expected = contents
            if let lost { expected.remove(at: lost) }
            #expect(try after.contents() == expected)
            let page = try after.page()
            // The last record with a greater length looks like one that was not written to its end.
            let looksTorn = lost == contents.count - 1 && position < boundaries[contents.count - 1] + 4
            if let lost, !looksTorn { #expect(page.floor.value >= UInt64(lost + 1)) }
            if lost == nil { #expect(page.floor == .zero) }
            // Its number is not given to another one.
            #expect(try after.append(["next"])[0] > UInt64(contents.count))
            #expect(try open(after.storage.afterKill()).contents() == expected + ["next"])
        }
    }

    @Test func `damage in a segment that is not the last one costs its own messages only`() throws {
        let before = try open(storage, segment: 1)
        try before.append(contents)
        #expect(storage.segments.count == 5)
        let name = storage.segments[2]
        let bytes = try #require(storage.files[name])
        for spoilt in [
            [], Array(bytes.prefix(10)), bytes.map { ~$0 }, bytes.dropLast() + [0xFF], Array(bytes.dropLast()),
        ] {
            let after = try open(storage.with(name, spoilt), segment: 1)
            #expect(try after.contents() == ["1", "two", "vier 😀", "5"])
            #expect(try after.all().compactMap(\.content) == ["1", "two", "vier 😀", "5"])
            #expect(try after.page().floor.value == 3)
            #expect(try after.append(["next"])[0] > 5)
            // It is known at the next start as well.
            #expect(try open(after.storage.afterKill(), segment: 1).page().floor.value == 3)
        }
    }

    @Test func `a message cannot pass itself off as a record`() throws {
        var forged: [UInt8] = []
        _ = LogRecord.append(
            try .sample("forged"), sequence: 2, before: 1, storedAt: 1_767_323_045_000, salt: 0, to: &forged)
        // As it would stand in a message, byte for byte; a real one would also have to be UTF-8.
        let before = try open(storage)
        try before.append(["1"])
        let name = try #require(storage.segments.last)
        let bytes = try #require(storage.files[name])
        let after = try open(storage.with(name, bytes + [1, 2, 3] + forged))
        #expect(try after.contents() == ["1"])
    }

    @Test func `a manifest that is damaged makes another epoch, and costs no message`() throws {
        let before = try open(storage)
        try before.append(contents)
        let manifest = try #require(storage.files["manifest.json"])
        for spoilt in [[], Array("{}".utf8), Array(manifest.dropLast(5)), manifest.map { _ in 0xFF }] {
            let after = try open(storage.with("manifest.json", spoilt))
            #expect(after.store.epoch != before.store.epoch)
            #expect(try after.contents() == contents)
        }
    }

    @Test func `a stored message that is damaged while the log is open is left out, and takes its place`() throws {
        let log = try open(storage)
        try log.append(contents)
        let name = try #require(storage.segments.last)
        let file = try storage.open(name)
        try file.write([0xFF], at: boundaries(name, in: log)[2] + 60)
        let page = try log.page()
        #expect(page.entries.map(\.content) == ["1", "two", nil, "vier 😀", "5"])
        #expect(page.entries.map(\.sequence.value) == [1, 2, 3, 4, 5])
    }
}
