import Domain
import Testing

@testable import Service
@testable import TestSupport

/// Against a plain array of everything that stands in the log.
struct WindowTests {
    private static let topic = Topic.room(.global)

    /// - Parameter size: of the content; nil: what stands in no history.
    private static func entry(_ sequence: UInt64, size: Int? = 10) -> Entry {
        let body: Entry.Body =
            if let size {
                .message(
                    Message(
                        id: MessageID("m"), sender: "a", content: String(repeating: "x", count: size),
                        timestamp: Timestamp(millisecondsSince1970: 0)))
            } else if sequence.isMultiple(of: 2) {
                .foreignNotice("somebody came")
            } else {
                .unknown
            }
        return Entry(topic: topic, sequence: SequenceNumber(sequence), previous: nil, body: body)
    }

    private static func window(_ entries: [Entry], limit: PageLimit = Window.limit) -> Window {
        let page = PlainLog.latest(of: entries, limit: PageLimit(entries: .max, bytes: .max))
        return Window(page, shown: [], cursor: page.head, limit: limit)
    }

    private static let page = PageLimit(entries: 100, bytes: 1 << 20)

    // MARK: Single cases

    @Test func `an empty topic's window answers everything with nothing`() throws {
        let window = Self.window([])
        #expect(window.count == 0 && window.bytes == 0)
        #expect(window.start == .zero)
        for cursor in [0, 1, .max] as [UInt64] {
            let after = try #require(window.page(after: SequenceNumber(cursor), limit: Self.page))
            #expect(after.entries == [] && !after.more)
            let before = try #require(window.page(before: SequenceNumber(cursor), limit: Self.page))
            #expect(before.entries == [] && !before.more)
            #expect(window.entry(at: SequenceNumber(cursor)) == nil)
        }
        let latest = try #require(window.page(before: nil, limit: Self.page))
        #expect(latest.entries == [] && !latest.more)
    }

    @Test func `the ends of the numbers are no trap`() throws {
        let window = Self.window([Self.entry(.max)])
        #expect(try #require(window.page(after: SequenceNumber(.max), limit: Self.page)).entries == [])
        #expect(try #require(window.page(after: SequenceNumber(.max - 1), limit: Self.page)).entries.count == 1)
        #expect(try #require(window.page(before: .zero, limit: Self.page)).entries == [])
        #expect(window.entry(at: SequenceNumber(.max)) != nil)
        #expect(window.entry(at: .zero) == nil)
    }

    @Test func `one message is kept and given, however large`() throws {
        var window = Self.window([Self.entry(1)], limit: PageLimit(entries: 10, bytes: 1000))
        window.append(Self.entry(2, size: 5000))
        #expect(window.count == 1)
        #expect(window.start == SequenceNumber(1))
        let page = try #require(window.page(after: SequenceNumber(1), limit: PageLimit(entries: 5, bytes: 1)))
        #expect(page.entries.map(\.sequence.value) == [2] && !page.more)
        window.shrink(toBytes: 0)
        #expect(window.count == 1)
    }

    @Test func `nobody who wants no message gets one, but hears whether there are any`() throws {
        let none = PageLimit(entries: 0, bytes: 1000)
        #expect(try #require(Self.window([Self.entry(1)]).page(before: nil, limit: none)).entries == [])
        #expect(try #require(Self.window([Self.entry(1)]).page(before: nil, limit: none)).more)
        #expect(try #require(Self.window([]).page(before: nil, limit: none)).more == false)
    }

    @Test func `a message is found by its number, and nothing between two is`() {
        let window = Self.window([Self.entry(3), Self.entry(5), Self.entry(9, size: nil), Self.entry(12)])
        for number in 0...20 as ClosedRange<UInt64> {
            #expect((window.entry(at: SequenceNumber(number)) != nil) == [3, 5, 12].contains(number))
        }
    }

    @Test func `the floor only rises`() {
        var window = Self.window([Self.entry(3)])
        #expect(window.floor == .zero)
        window.raiseFloor(to: SequenceNumber(7))
        window.raiseFloor(to: SequenceNumber(5))
        #expect(window.floor == SequenceNumber(7))
    }

    // MARK: Entries that are no messages

    /// Of ten entries the odd ones are messages; the even ones are shown only to readers that catch up.
    private func mixed(retained: Int = .max, limit: PageLimit = Window.limit) -> Window {
        var window = Self.window([], limit: limit)
        for number in 1...10 as ClosedRange<UInt64> {
            window.append(
                Self.entry(number), visibleTo: number.isMultiple(of: 2) ? .catchUp : .history, retained: retained)
        }
        return window
    }

    @Test func `what changes a message is for readers that catch up, and stands in no page read from the latest`()
        throws
    {
        let window = mixed()
        #expect(window.count == 10 && window.bytes == 10 * Self.entry(1).frameSize)
        let after = try #require(window.page(after: SequenceNumber(3), limit: Self.page))
        #expect(after.entries.map(\.sequence.value) == Array(4...10) && !after.more)
        for (end, limit, expected, more) in [
            (nil, 100, [1, 3, 5, 7, 9], false), (nil, 5, [1, 3, 5, 7, 9], false), (nil, 2, [7, 9], true),
            (6, 2, [3, 5], true), (5, 2, [1, 3], false), (2, 1, [1], false), (1, 5, [], false), (3, 0, [], true),
        ] as [(UInt64?, Int, [UInt64], Bool)] {
            let page = try #require(
                window.page(before: end.map(SequenceNumber.init), limit: PageLimit(entries: limit, bytes: 1 << 20)))
            #expect(page.entries.map(\.sequence.value) == expected)
            #expect(page.more == more)
        }
        #expect(window.entry(at: SequenceNumber(4)) != nil)
    }

    @Test func `what changes a message takes its place in the log and room in memory like one`() throws {
        let dropped = mixed(retained: 4)
        #expect(dropped.count == 4 && dropped.floor == SequenceNumber(6) && dropped.start == .zero)
        #expect(try #require(dropped.page(before: nil, limit: Self.page)).entries.map(\.sequence.value) == [7, 9])
        let left = mixed(limit: PageLimit(entries: 3, bytes: 1 << 20))
        #expect(left.count == 3 && left.start == SequenceNumber(7))
        // The log may have older messages than the one that is left.
        #expect(left.page(before: nil, limit: PageLimit(entries: 2, bytes: 1 << 20)) == nil)
        let newest = try #require(left.page(before: nil, limit: PageLimit(entries: 1, bytes: 1 << 20)))
        #expect(newest.entries.map(\.sequence.value) == [9] && newest.more)
    }

    @Test(arguments: [Visibility.hidden, .live])
    func `what is shown to no reader that catches up is only counted`(visibility: Visibility) {
        var window = Self.window([])
        window.append(Self.entry(1))
        window.append(Self.entry(2), visibleTo: visibility)
        #expect(window.count == 1)
        window.append(Self.entry(3), retained: 2)
        #expect(window.count == 1 && window.floor == SequenceNumber(1))
    }

    // MARK: What the log retains

    @Test func `what is one too many of its topic leaves the window as it leaves the log`() throws {
        var window = Self.window([])
        for number in 1...25 { window.append(Self.entry(UInt64(number)), retained: 10) }
        #expect(window.count == 10)
        #expect(window.start == .zero && window.floor == SequenceNumber(15))
        let latest = try #require(window.page(before: nil, limit: Self.page))
        #expect(latest.entries.map(\.sequence.value) == Array(16...25) && !latest.more)
        let full = try #require(window.page(before: nil, limit: PageLimit(entries: 10, bytes: 1 << 20)))
        #expect(full.entries.count == 10 && !full.more)
        #expect(try #require(window.page(after: .zero, limit: Self.page)).entries.count == 10)
    }

    @Test func `a notice takes the place of a message in the log`() throws {
        var window = Self.window([])
        for number in 1...20 { window.append(Self.entry(UInt64(number), size: number > 14 ? nil : 10), retained: 10) }
        let latest = try #require(window.page(before: nil, limit: Self.page))
        #expect(latest.entries.map(\.sequence.value) == [11, 12, 13, 14])
        for number in 21...30 { window.append(Self.entry(UInt64(number), size: nil), retained: 10) }
        #expect(window.count == 0 && window.bytes == 0)
        #expect(try #require(window.page(before: nil, limit: Self.page)).more == false)
    }

    @Test func `once what memory had no room for is gone from the log, nothing is older than the window`() throws {
        let page = LogPage(
            entries: (11...20).map { Self.entry($0) }, more: true, floor: SequenceNumber(3), head: SequenceNumber(20),
            epoch: Epoch("e"))
        var window = Window(page, shown: [], cursor: page.head, retained: 15)
        #expect(window.start == SequenceNumber(10))
        #expect(window.page(before: nil, limit: Self.page) == nil)
        for number in 21...25 { window.append(Self.entry(UInt64(number)), retained: 15) }
        #expect(window.start == .zero && window.floor == SequenceNumber(10))
        let latest = try #require(window.page(before: nil, limit: Self.page))
        #expect(latest.entries.count == 15 && !latest.more)
    }

    @Test func `what is too old or was removed leaves the window, and nothing else does`() throws {
        var window = Self.window([Self.entry(3), Self.entry(5), Self.entry(8)])
        window.drop(upTo: SequenceNumber(6))
        #expect(window.floor == SequenceNumber(6) && window.start == .zero)
        let latest = try #require(window.page(before: nil, limit: Self.page))
        #expect(latest.entries.map(\.sequence.value) == [8] && !latest.more)
        window.drop(upTo: SequenceNumber(100))
        #expect(window.count == 0 && window.bytes == 0)
        window.append(Self.entry(101))
        #expect(window.count == 1)
    }

    @Test func `a window that the log has not reached yet goes back as far as before`() {
        let page = LogPage(
            entries: (11...20).map { Self.entry($0) }, more: true, floor: .zero, head: SequenceNumber(20),
            epoch: Epoch("e"))
        var window = Window(page, shown: [], cursor: page.head)
        window.drop(upTo: SequenceNumber(4))
        #expect(window.count == 10 && window.start == SequenceNumber(10))
    }

    /// A log that drops, and a window that has to say the same.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `whatever the log drops, a window shows the same as it`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let retained = Int.random(in: 1...12, using: &random)
        var log: [Entry] = []
        var newest: UInt64 = 0
        func store() -> Entry {
            newest += .random(in: 1...3, using: &random)
            let entry = Self.entry(newest, size: Int.random(in: 0..<4, using: &random) == 0 ? nil : 50)
            log = Array((log + [entry]).suffix(retained))
            return entry
        }
        for _ in 0..<Int.random(in: 0...20, using: &random) { _ = store() }
        let limit = PageLimit(entries: .random(in: 1...15, using: &random), bytes: 1 << 20)
        let page = PlainLog.latest(
            of: log, limit: PageLimit(entries: .random(in: 1...15, using: &random), bytes: 1 << 20))
        var window = Window(page, shown: [], cursor: page.head, retained: retained, limit: limit)
        for _ in 0..<60 {
            window.append(store(), retained: retained)
            if Int.random(in: 0..<8, using: &random) == 0 {
                let place = SequenceNumber(newest - min(newest, .random(in: 0...20, using: &random)))
                log.removeAll { $0.sequence <= place }
                window.drop(upTo: place)
            }
            let messages = log.filter { $0.visibility >= .history }
            let asked = PageLimit(entries: .random(in: 1...15, using: &random), bytes: 1 << 20)
            if let page = window.page(before: nil, limit: asked) {
                #expect(page.entries == Array(messages.suffix(asked.entries)))
                // Whether what is older than the window are messages or notices it cannot know.
                #expect(page.more == (messages.count > asked.entries) || (page.more && window.start > .zero))
            } else {
                #expect(window.start > .zero)
            }
            // Where it holds all that there is, it holds no more than that.
            if window.start == .zero { #expect(window.count == messages.count) }
            #expect(window.count <= messages.count)
        }
    }

    // MARK: Random runs

    /// What the window answers is what the log would, or nothing where it does not go back so far.
    private func check(_ window: Window, _ log: [Entry], _ random: inout SeededGenerator) {
        let messages = log.filter { $0.visibility >= .history }
        let kept = messages.filter { $0.sequence > window.start }
        #expect(window.count == kept.count)
        #expect(window.bytes == kept.reduce(0) { $0 + $1.frameSize })
        for _ in 0..<6 {
            let cursor = SequenceNumber(.random(in: 0...(log.last?.sequence.value ?? 0) + 2, using: &random))
            let limit = PageLimit(
                entries: .random(in: 1...8, using: &random), bytes: .random(in: 1...3000, using: &random))
            if let page = window.page(after: cursor, limit: limit) {
                let expected = PlainLog.pageAfter(cursor, in: messages, limit: limit)
                #expect(page.entries == expected)
                #expect(page.more == messages.contains { $0.sequence > (expected.last?.sequence ?? cursor) })
            } else {
                #expect(cursor < window.start)
            }
            let end = Bool.random(using: &random) ? cursor : nil
            if let page = window.page(before: end, limit: limit) {
                let expected = PlainLog.pageBefore(end, in: messages, limit: limit)
                #expect(page.entries == expected)
                let oldest = expected.first?.sequence ?? end ?? .zero
                // Whether what is older than the window are messages or notices it cannot know.
                let isOlder = messages.contains { $0.sequence < oldest }
                #expect(page.more == isOlder || (page.more && window.start > .zero))
            } else {
                #expect(window.start > .zero)
                #expect(kept.filter { entry in end.map { entry.sequence < $0 } ?? true }.count < limit.entries)
            }
            #expect(window.entry(at: cursor) == kept.first { $0.sequence == cursor })
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `whatever comes, a window answers as the log would`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limit = PageLimit(
            entries: .random(in: 1...20, using: &random), bytes: .random(in: 200...6000, using: &random))
        var log: [Entry] = []
        var newest: UInt64 = 0
        func next() -> Entry {
            newest += .random(in: 1...3, using: &random)
            let isNotice = Int.random(in: 0..<5, using: &random) == 0
            return Self.entry(newest, size: isNotice ? nil : .random(in: 0...600, using: &random))
        }
        for _ in 0..<Int.random(in: 0...30, using: &random) { log.append(next()) }
        var window = Self.window(log, limit: limit)
        check(window, log, &random)
        for _ in 0..<100 {
            let entry = next()
            log.append(entry)
            window.append(entry)
            #expect(window.count <= limit.entries)
            #expect(window.bytes <= limit.bytes || window.count == 1)
            if Int.random(in: 0..<20, using: &random) == 0 {
                window.shrink(toBytes: .random(in: 0...limit.bytes, using: &random))
            }
            check(window, log, &random)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `what is shown while the window is filled is in it once, and what is not shown yet is not`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let log = (1...UInt64.random(in: 1...40, using: &random)).map { Self.entry($0) }
        // Shown when the read began, when the log answered, and when the window was made.
        let before = Int.random(in: 0...log.count, using: &random)
        let cursor = Int.random(in: before...log.count, using: &random)
        let head = Int.random(in: before...log.count, using: &random)
        let limit = PageLimit(entries: .random(in: 1...50, using: &random), bytes: 1 << 20)
        let page = PlainLog.latest(of: Array(log.prefix(head)), limit: limit)
        var window = Window(
            page, shown: Array(log[before..<cursor]), cursor: SequenceNumber(UInt64(cursor)))
        for entry in log[cursor...] { window.append(entry) }
        // From the window's start on nothing is missing.
        let expected = log.filter { $0.sequence > window.start }
        let all = PageLimit(entries: .max, bytes: .max)
        #expect(window.page(after: max(window.start, SequenceNumber(0)), limit: all)?.entries == expected)
    }
}
