import Domain
import Service
import Synchronization
import Testing

@testable import TestSupport

extension Integration {
    /// What every message log promises, together with the bus that carries what it stores.
    @Suite("What every message log promises", .serialized)
    struct LogConformanceTests {
        private let dev: Topic
        private let ops: Topic

        init() throws {
            dev = try .room("dev")
            ops = try .room("ops")
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `what one caller appends is stored and heard in that order`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev, ops)
                let contents = (0..<200).map { "\($0)" }
                let drafts = try contents.enumerated().map {
                    try Draft.sample($1, in: $0.isMultiple(of: 2) ? dev : ops)
                }
                let words = try await log.appendAll(drafts)
                for (topic, first) in [(dev, 0), (ops, 1)] {
                    try await log.hear(100, in: topic)
                    let own = stride(from: first, to: 200, by: 2)
                    #expect(log.heard.contents(of: topic) == own.map { contents[$0] })
                    let sequences = log.heard.entries(of: topic).map(\.sequence)
                    #expect(sequences == own.map { words[$0].sequence })
                    #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 })
                }
                #expect(words.allSatisfy { !$0.isDuplicate && $0.sequence > .zero })
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `an entry tells which one of its room came before it`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                for number in 0..<10 {
                    try await log.append(.sample("\(number)", in: dev))
                    try await log.append(.sample("between", in: ops))
                }
                try await log.hear(10, in: dev)
                let entries = log.heard.entries(of: dev)
                #expect(entries.first?.previous == nil)
                #expect(entries.dropFirst().map(\.previous) == entries.dropLast().map(\.sequence))
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a message is heard and read back as it was appended`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                let contents = [
                    "hi", " ", "\0\u{1F}\"\\\n", "日本語 😀", "\u{FEFF}x\u{2028}", "{\"type\":\"chat_message\"}",
                    String(repeating: "é", count: 16_000),
                ]
                let drafts = try contents.enumerated().map {
                    try Draft.sample($1, in: dev, by: "a\"l.*>%日", at: 1_767_323_045_000 + Int64($0) * 111)
                }
                let words = try await log.appendAll(drafts)
                try await log.hear(drafts.count, in: dev)
                for entries in [log.heard.entries(of: dev), try await log.read(dev)] {
                    #expect(entries.map(\.message) == drafts.map(\.message))
                    #expect(entries.map(\.sequence) == words.map(\.sequence))
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `of fifty who append at once each is acknowledged, and all is heard once in one order`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                let words = try await withThrowingTaskGroup { group in
                    for sender in 0..<50 {
                        group.addTask {
                            let drafts = try (0..<10).map {
                                try Draft.sample("\(sender)/\($0)", in: dev, by: "user\(sender)")
                            }
                            return zip(
                                drafts.compactMap(\.message?.content), try await log.appendAll(drafts).map(\.sequence))
                        }
                    }
                    var words: [String: SequenceNumber] = [:]
                    for try await own in group {
                        for (content, sequence) in own { words[content] = sequence }
                    }
                    return words
                }
                try await log.hear(500, in: dev)
                let entries = log.heard.entries(of: dev)
                #expect(entries.count == 500)
                #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
                #expect(entries.allSatisfy { entry in entry.content.map { words[$0] == entry.sequence } ?? false })
                #expect(words.count == 500)
                for sender in 0..<50 {
                    let own = entries.compactMap(\.content).filter { $0.hasPrefix("\(sender)/") }
                    #expect(own == (0..<10).map { "\(sender)/\($0)" })
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a message that comes again with its id is stored once`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev, ops)
                let id = MessageID("one id . * > % 日")
                let first = try await log.append(.sample("first", in: dev, id: id))
                let again = try await log.append(.sample("again", in: dev, id: id))
                #expect(again == Appended(sequence: first.sequence, isDuplicate: true))
                #expect(!first.isDuplicate)
                // The same id of somebody else, or in another room, is another message.
                #expect(try await !log.append(.sample("bob's", in: dev, by: "bob", id: id)).isDuplicate)
                #expect(try await !log.append(.sample("elsewhere", in: ops, id: id)).isDuplicate)
                try await log.append(.sample("last", in: dev))
                try await log.hear(3, in: dev)
                try await log.hear(1, in: ops)
                #expect(log.heard.contents(of: dev) == ["first", "bob's", "last"])
                #expect(try await log.read(dev).map(\.content) == ["first", "bob's", "last"])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `ids that differ in their bytes are several ids, though Unicode calls them equivalent`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                let ids = ["caf\u{E9}", "cafe\u{301}", "\u{212B}", "\u{C5}", "\u{D55C}", "\u{1112}\u{1161}\u{11AB}"]
                let drafts = try ids.enumerated().map { try Draft.sample("\($0)", in: dev, id: MessageID($1)) }
                // Some at once, the others one by one.
                var words = try await log.appendAll(Array(drafts.prefix(4)))
                for draft in drafts.suffix(2) { words.append(try await log.append(draft)) }
                #expect(words.allSatisfy { !$0.isDuplicate } && Set(words.map(\.sequence)).count == ids.count)
                #expect(try await log.appendAll(drafts).allSatisfy(\.isDuplicate))
                try await log.hear(ids.count, in: dev)
                for entries in [log.heard.entries(of: dev), try await log.read(dev)] {
                    #expect(entries.compactMap(\.message?.id) == ids.map(MessageID.init))
                }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `of many tries with one id at once one is stored`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                let id = MessageID.random()
                let words = try await log.appendAll((0..<20).map { try .sample("\($0)", in: dev, id: id) })
                #expect(Set(words.map(\.sequence)).count == 1)
                #expect(words.filter { !$0.isDuplicate }.count == 1)
                try await log.append(.sample("last", in: dev))
                try await log.hear(2, in: dev)
                #expect(log.heard.contents(of: dev).count == 2)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `the head of a room is its newest entry, zero where there is none`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                #expect(try await log.log.head(of: dev) == .zero)
                let words = try await log.appendAll([
                    .sample("1", in: dev), .sample("2", in: dev), .sample("3", in: ops),
                ])
                #expect(try await log.log.head(of: dev) == words[1].sequence)
                #expect(try await log.log.head(of: ops) == words[2].sequence)
                #expect(try await log.log.head(of: .room("*")) == .zero)
            }
        }

        @Test(
            arguments: LogUnderTest.Adapter.allCases,
            [#"a"b"#, #"a\b"#, #"\""#, #"x","seq":1,"y":"z"#, "a.b>*", "日本語", "\u{301}x"])
        func `a room whose name means something elsewhere is heard, has its head and can be read`(
            _ adapter: LogUnderTest.Adapter, _ name: String
        ) async throws {
            try await adapter.with { log in
                let room = try Topic.room(name)
                try log.follow(room)
                #expect(try await log.log.head(of: room) == .zero)
                try await log.append(.sample("elsewhere", in: dev))
                let words = try await log.appendAll((0..<3).map { try .sample("\($0)", in: room) })
                try await log.append(.sample("elsewhere", in: dev))
                try await log.hear(3, in: room)
                #expect(try await log.log.head(of: room) == words[2].sequence)
                let read = try await log.read(room, after: words[0].sequence)
                #expect(read.map(\.content) == ["1", "2"])
                #expect(read.map(\.topic) == [room, room])
                #expect(try await log.page(of: room, .latest, entries: 2).entries.map(\.content) == ["1", "2"])
                #expect(try await log.readAll().entries.map(\.topic) == [dev, room, room, room, dev])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `what stands beyond a place can be read, of one room or of all`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let nothing = try await log.readAll()
                #expect(nothing.entries == [] && nothing.end == .zero)
                let drafts = try (0..<20).map { try Draft.sample("\($0)", in: $0.isMultiple(of: 2) ? dev : ops) }
                let words = try await log.appendAll(drafts)
                let last = words[19].sequence

                let inDev = try await log.read(dev, after: words[4].sequence)
                #expect(inDev.map(\.content) == ["6", "8", "10", "12", "14", "16", "18"])
                #expect(inDev.allSatisfy { $0.topic == dev })
                let all = try await log.readAll(after: words[16].sequence)
                #expect(all.entries.map(\.content) == ["17", "18", "19"])
                #expect(all.entries.map(\.topic) == [ops, dev, ops])
                #expect(all.entries.map(\.sequence) == words.suffix(3).map(\.sequence))
                #expect(all.end == last)
                let beyond = try await log.readAll(after: last)
                #expect(beyond.entries == [] && beyond.end == last)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a long read is whole and in order`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                let contents = (0..<3000).map { "\($0)" }
                let words = try await log.appendAll(contents.map { try .sample($0, in: dev) })
                let read = try await log.readAll()
                #expect(read.entries.map(\.content) == contents)
                #expect(read.entries.map(\.sequence) == words.map(\.sequence))
                #expect(read.end == words.last?.sequence)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `what is further from the end than allowed is not read`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                let words = try await log.appendAll((0..<10).map { try .sample("\($0)", in: dev) })
                let read = Mutex<[Entry]>([])
                let far = try await log.log.readAll(.rooms, after: .zero, atMost: 9) { batch in
                    read.withLock { $0 += batch }
                }
                #expect(far == nil && read.withLock { $0 } == [])
                let near = try await log.log.readAll(.rooms, after: .zero, atMost: 10) { batch in
                    read.withLock { $0 += batch }
                }
                #expect(near == words.last?.sequence && read.withLock { $0.count } == 10)
            }
        }
    }
}
