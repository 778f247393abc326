import Domain
import Service
import Testing

extension Integration {
    /// What every message log promises about pages.
    @Suite("What every message log promises about pages", .serialized)
    struct PageConformanceTests {
        private let dev: Topic
        private let ops: Topic

        init() throws {
            dev = try .room("dev")
            ops = try .room("ops")
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a topic without entries has an empty page in each direction`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                try await log.append(.sample("elsewhere", in: ops))
                for topic in [dev, try .inbox("nobody")] {
                    for range in [
                        LogRange.latest, .before(SequenceNumber(9)), .after(.zero), .after(SequenceNumber(9)),
                    ] {
                        let page = try await log.page(of: topic, range)
                        #expect(page.entries == [] && !page.more && page.head == .zero, "\(topic) \(range)")
                        #expect(page.floor == .zero, "nothing was ever dropped")
                        #expect(page.epoch == log.log.epoch(of: topic.kind))
                    }
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a page holds the entries next to its place, oldest first, and says whether there are more`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let words = try await log.appendAll(
                    (0..<60).map { try .sample("\($0)", in: $0.isMultiple(of: 3) ? ops : dev) })
                let own = words.indices.filter { !$0.isMultiple(of: 3) }  // 40 entries of dev
                func at(_ index: Int) -> SequenceNumber { words[own[index]].sequence }
                let cases: [(range: LogRange, entries: Int, expected: Range<Int>, more: Bool)] = [
                    (.latest, 10, 30..<40, true), (.latest, 39, 1..<40, true), (.latest, 40, 0..<40, false),
                    (.latest, 100, 0..<40, false), (.latest, 1, 39..<40, true),
                    (.before(at(20)), 10, 10..<20, true), (.before(at(20)), 20, 0..<20, false),
                    (.before(at(20)), 19, 1..<20, true), (.before(at(1)), 5, 0..<1, false),
                    (.before(at(0)), 5, 0..<0, false),
                    (.before(SequenceNumber(at(20).value + 1)), 2, 19..<21, true),
                    (.before(SequenceNumber(.max)), 3, 37..<40, true), (.before(.zero), 3, 0..<0, false),
                    (.after(.zero), 10, 0..<10, true), (.after(at(29)), 10, 30..<40, false),
                    (.after(at(28)), 10, 29..<39, true), (.after(at(39)), 10, 0..<0, false),
                    (.after(SequenceNumber(.max)), 10, 0..<0, false),
                ]
                for (range, entries, expected, more) in cases {
                    let page = try await log.page(of: dev, range, entries: entries)
                    #expect(page.entries.map(\.content) == expected.map { "\(own[$0])" }, "\(range), \(entries)")
                    #expect(page.entries.map(\.sequence) == expected.map(at), "\(range), \(entries)")
                    #expect(page.more == more, "\(range), \(entries)")
                    #expect(page.head == at(39) && page.floor == .zero, "\(range), \(entries)")
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a page holds no more bytes than allowed, but one entry however large`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let contents = (0..<9).map { String(repeating: "\($0)", count: 1000) }
                let words = try await log.appendAll(contents.map { try .sample($0, in: dev) })
                let size = try #require(try await log.page(of: dev, .latest).entries.first?.frameSize)
                for (bytes, count) in [(3 * size, 3), (3 * size - 1, 2), (1, 1), (100 * size, 9)] {
                    let latest = try await log.page(of: dev, .latest, bytes: bytes)
                    #expect(latest.entries.map(\.content) == Array(contents.suffix(count)), "\(bytes)")
                    #expect(latest.more == (count < 9), "\(bytes)")
                    let first = try await log.page(of: dev, .after(.zero), bytes: bytes)
                    #expect(first.entries.map(\.content) == Array(contents.prefix(count)), "\(bytes)")
                    #expect(first.more == (count < 9), "\(bytes)")
                    let before = try await log.page(of: dev, .before(words[8].sequence), bytes: bytes)
                    #expect(before.entries.map(\.content) == contents.dropLast().suffix(count), "\(bytes)")
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `paging in either direction meets every entry once, though others append meanwhile`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let contents = (0..<700).map { "\($0)" }
                // Rare at first, then dense, then rare again.
                let drafts = try contents.enumerated().flatMap { index, content in
                    let others = index < 100 || index > 600 ? 10 : 0
                    return try (0..<others).map { try Draft.sample("\($0)", in: ops) } + [.sample(content, in: dev)]
                }
                _ = try await log.appendAll(drafts)
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        for number in 0..<300 { try await log.append(.sample("new \(number)", in: dev)) }
                    }
                    let newest = try await log.page(of: dev, .latest, entries: 1)
                    let head = try #require(newest.entries.first)
                    var backwards: [Entry] = [head]
                    var page: LogPage
                    repeat {
                        page = try await log.page(
                            of: dev, .before(backwards.last?.sequence ?? .zero), entries: 37)
                        #expect(page.entries.count == 37 || !page.more)
                        backwards += page.entries.reversed()
                    } while page.more
                    let old = backwards.reversed().compactMap(\.content).filter { !$0.hasPrefix("new") }
                    #expect(old == contents)
                    let forward = try await log.read(dev, entriesPerPage: 41)
                    #expect(forward.compactMap(\.content).filter { !$0.hasPrefix("new") } == contents)
                    #expect(zip(forward, forward.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
                    try await group.waitForAll()
                }
                let all = try await log.read(dev)
                #expect(all.compactMap(\.content) == contents + (0..<300).map { "new \($0)" })
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `the floor rises once entries were dropped, and who stands at or above it misses nothing`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with(retention: 20) { log in
                let kept = log.log.entriesPerTopic(.rooms)
                try await log.append(.sample("an old one keeps the log's front where it is", in: ops))
                let first = try await log.appendAll((0..<kept).map { try .sample("\($0)", in: dev) })
                let before = try await log.page(of: dev, .latest, entries: 1)
                #expect(before.floor < (first.first?.sequence ?? .zero))
                let more = try await log.appendAll((0..<10).map { try .sample("more \($0)", in: dev) })
                let words = first + more
                let all = try await log.read(dev)
                #expect(all.last?.sequence == words.last?.sequence)
                #expect(all.count <= kept && all.count >= 20 && all.count < words.count)
                let oldest = try #require(all.first?.sequence)
                for range in [LogRange.latest, .after(.zero), .after(oldest)] {
                    let page = try await log.page(of: dev, range)
                    // Somebody who stands before the last one that was dropped would miss it.
                    let dropped = words.map(\.sequence).filter { $0 < oldest }
                    #expect(dropped.allSatisfy { $0 <= page.floor } && page.floor <= oldest, "\(page.floor)")
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `of each topic as many are kept as it says, and a page knows how far it has looked`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with(retention: 20) { log in
                for kind in Topic.Kind.allCases { #expect(log.log.entriesPerTopic(kind) == 20) }
                #expect(log.log.storageObstacle == nil)
                let words = try await log.appendAll((0..<35).map { try .sample("\($0)", in: dev) })
                let last = try await log.append(.sample("elsewhere", in: ops))
                let page = try await log.page(of: dev, .latest)
                #expect(page.entries.map(\.sequence) == words.suffix(20).map(\.sequence) && !page.more)
                #expect(page.head == words.last?.sequence && page.end == last.sequence)
                // Of a topic without entries it is known as well.
                #expect(try await log.page(of: .room("unused"), .latest).end == last.sequence)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `of a topic that was always quiet nothing is missing, however much others have dropped`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with(retention: 20) { log in
                let quiet = try await log.append(.sample("quiet", in: ops))
                _ = try await log.appendAll((0..<100).map { try .sample("\($0)", in: dev) })
                let page = try await log.page(of: ops, .after(.zero))
                #expect(page.entries.map(\.sequence) == [quiet.sequence])
                #expect(page.floor == .zero)
                #expect(try await log.page(of: .room("unused"), .after(.zero)).floor == .zero)
            }
        }
    }
}
