import Domain
import Service
import Testing

@testable import Infrastructure

struct EmbeddedLogMemoryTests {
    private let start = ContinuousClock.now
    private let quiet: Topic
    private var memory = EmbeddedLogMemory()

    init() throws { quiet = .room(try RoomName("quiet")) }

    private func draft(_ id: String, in room: RoomName = .global) throws -> Draft {
        Draft(
            id: MessageID(id), room: room, sender: try Username("alice"), content: id,
            timestamp: Timestamp(millisecondsSince1970: 0))
    }

    private func page(_ topic: Topic, _ range: LogRange, entries: Int = 1000, bytes: Int = 1 << 20) -> LogPage {
        memory.page(of: topic, range, limit: PageLimit(entries: entries, bytes: bytes), epoch: Epoch("e"))
    }

    @Test mutating func `an id is known for two minutes`() throws {
        let first = memory.append(try draft("a"), now: start).0
        let early = memory.append(try draft("a"), now: start + .seconds(119))
        #expect(early.0.isDuplicate && early.0.sequence == first.sequence && early.1 == nil)
        let late = memory.append(try draft("a"), now: start + .seconds(121))
        #expect(!late.0.isDuplicate && late.0.sequence > first.sequence)
    }

    @Test mutating func `the oldest entries are forgotten, and so are rooms that had nothing since`() throws {
        let room = try #require(quiet.room)
        _ = memory.append(try draft("q", in: room), now: start)
        for number in 0..<10_000 { _ = memory.append(try draft("\(number)"), now: start) }
        #expect(memory.entries.count == 10_000)
        #expect(
            page(quiet, .latest) == LogPage(entries: [], more: false, floor: .init(1), head: .zero, epoch: .init("e")))
        #expect(memory.head(of: .room(.global)) == memory.last)
        #expect(memory.last == SequenceNumber(10_001))
        // Numbers go on all the same.
        let next = memory.append(try draft("q2", in: room), now: start)
        #expect(next.0.sequence == SequenceNumber(10_002))
        #expect(next.1?.previous == nil)
    }

    @Test mutating func `pages go in both directions, and say whether there is more`() throws {
        for number in 1...10 { _ = memory.append(try draft("\(number)"), now: start) }
        let room = Topic.room(.global)
        #expect(page(room, .latest, entries: 3).entries.map(\.sequence.value) == [8, 9, 10])
        #expect(page(room, .before(.init(8)), entries: 3).entries.map(\.sequence.value) == [5, 6, 7])
        #expect(page(room, .after(.init(2)), entries: 3).entries.map(\.sequence.value) == [3, 4, 5])
        #expect(page(room, .after(.init(2)), entries: 3).more)
        #expect(!page(room, .after(.init(2)), entries: 8).more)
        #expect(page(room, .latest, bytes: 1).entries.count == 1)
    }
}
