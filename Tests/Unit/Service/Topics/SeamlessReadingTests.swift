import Domain
import Service
import Testing

@testable import SteppedService
@testable import TestSupport

/// Readers that come at any moment while others speak, on a bus that loses and repeats: what each is shown is the log from
/// where it began, with no gap, no repeat, and in order.
struct SeamlessReadingTests {
    private static let room = Topic.room(.global)

    private final class Run {
        var random: SeededGenerator
        let chat = SteppedChat()
        /// Large enough that a window holds some dozens of messages only.
        let isLarge: Bool
        /// Those who have not begun to read yet.
        private var waiting: [SteppedReader] = []
        var readers: [(reader: SteppedReader, point: ReadingPoint)] = []
        var said = 0

        init(seed: UInt64) throws {
            random = SeededGenerator(seed: seed)
            isLarge = seed.isMultiple(of: 4)
            chat.run()
            waiting = try (0..<12).map { try chat.open("user\($0)") }
        }

        func chance(_ count: Int, of total: Int) -> Bool { Int.random(in: 0..<total, using: &random) < count }

        func say() throws {
            said += 1
            let content = "\(said) " + String(repeating: "x", count: isLarge ? 12_000 : 0)
            guard Bool.random(using: &random) else {
                chat.store(content)
                return
            }
            let draft = Draft(
                id: MessageID("own-\(said)"), room: .global, sender: try Username("user"), content: content,
                timestamp: SteppedChat.now)
            chat.service.append(draft) { _ in }
        }

        func join() throws {
            guard let reader = waiting.popLast() else { return }
            let newest = chat.log.retained(SeamlessReadingTests.room).last?.sequence.value ?? 0
            let point: ReadingPoint =
                if Bool.random(using: &random) {
                    .latest(.random(in: 0...60, using: &random))
                } else {
                    .after(SequenceNumber(.random(in: 0...newest, using: &random)), Epoch("epoch-1"), orLatest: 50)
                }
            readers.append((reader, point))
            let limit = PageLimit(entries: .random(in: 1...40, using: &random), bytes: 256 << 10)
            try reader.read(SeamlessReadingTests.room, at: point, limit: limit)
        }

        func step() throws {
            switch Int.random(in: 0..<24, using: &random) {
            case 0..<5: try say()
            case 5: try join()
            case 6: chat.log.loseCopy()
            case 7: chat.log.repeatCopy()
            case 8: chance(1, of: 3) ? chat.log.reading.close() : chat.log.reading.open()
            case 9 where chance(1, of: 4):
                chat.log.tell(.lost)
                for _ in 0..<Int.random(in: 0...5, using: &random) { chat.log.loseCopy() }
                chat.log.tell(.interrupted)
            default: _ = chat.step(using: &random)
            }
        }

        /// The network is well again.
        func finish() {
            chat.log.reading.open()
            chat.settle()
            chat.log.tell(.interrupted)
            chat.settle()
        }
    }

    @Test(arguments: 1...25 as ClosedRange<UInt64>)
    func `whoever comes when, from where one begins on nothing is missing and nothing comes twice`(seed: UInt64) throws
    {
        let run = try Run(seed: seed)
        for _ in 0..<(run.chance(1, of: 3) ? 0 : 70) { try run.say() }
        if run.chance(1, of: 2) {
            try run.join()
            run.chat.settle()
        }
        for _ in 0..<400 { try run.step() }
        run.finish()
        let log = run.chat.log.retained(Self.room).map(\.sequence.value)
        for (reader, point) in run.readers {
            #expect(reader.failure == nil)
            let start = try #require(reader.start)
            #expect(reader.numbers() == log.filter { $0 > start.cursor.value })
            switch point {
            case .after(let seen, _, _):
                #expect(start.isResumed && start.cursor == seen && !start.isTruncated)
            case .latest(let count):
                #expect(!start.isResumed && !start.isTruncated)
                let before = log.filter { $0 <= start.head.value }
                let shown = before.filter { $0 > start.cursor.value }
                #expect(run.isLarge ? shown.count <= count : shown.count == min(count, before.count))
                #expect(start.hasOlder == (shown.count < before.count))
            }
        }
        #expect(run.chat.count("chat_gaps_lost_total") == 0)
    }

    @Test(arguments: 1...15 as ClosedRange<UInt64>)
    func `who has begun in one log is shown nothing of another`(seed: UInt64) throws {
        let run = try Run(seed: seed)
        for _ in 0..<200 { try run.step() }
        let saidBefore = run.said
        run.chat.log.renew()
        for _ in 0..<200 { try run.step() }
        run.finish()
        for (reader, _) in run.readers {
            let numbers = reader.connection.events().compactMap { event -> Int? in
                guard case .entry(let entry) = event, let message = entry.message else { return nil }
                return Int(message.content.prefix { $0 != " " })
            }
            guard let start = reader.start else {
                #expect(reader.failure == .unavailable && numbers == [])
                continue
            }
            let isOld = start.epoch == Epoch("epoch-1")
            #expect(numbers.allSatisfy { ($0 <= saidBefore) == isOld })
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        }
        #expect(Set(run.chat.edge.renewed) == Set(Topic.Kind.allCases))
    }

    @Test func `while a log is found to be another one, nothing of it is shown to who reads the old one`() throws {
        let chat = SteppedChat()
        chat.run()
        for number in 1...3 { chat.store("old \(number)") }
        let reader = try chat.open("alice")
        try reader.read(Self.room, at: .latest(50))
        chat.settle()
        chat.store("old 4")
        chat.settle()
        #expect(reader.numbers() == [1, 2, 3, 4])
        // The bus has not noticed; the numbers go on where those of the old log ended.
        chat.log.renew(isTold: false)
        for number in 1...6 { chat.store("new \(number)") }
        while chat.log.letCopyThrough() {}
        chat.settle()
        #expect(reader.numbers() == [])
        #expect(chat.edge.renewed.contains(.rooms))
        let late = try chat.open("bob")
        try late.read(Self.room, at: .latest(50))
        chat.settle()
        #expect(late.numbers() == [1, 2, 3, 4, 5, 6])
    }
}
