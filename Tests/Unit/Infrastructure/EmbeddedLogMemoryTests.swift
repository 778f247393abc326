import Domain
import Service
import Testing

@testable import Infrastructure

struct EmbeddedLogMemoryTests {
    private let start = ContinuousClock.now
    private var memory = EmbeddedLogMemory()

    private func draft(_ id: String, in room: RoomName = .global) throws -> Draft {
        Draft(
            id: MessageID(id), room: room, sender: try Username("alice"), content: id,
            timestamp: Timestamp(millisecondsSince1970: 0))
    }

    @Test mutating func `an id is known for two minutes`() throws {
        let first = memory.append(try draft("a"), now: start).0
        let early = memory.append(try draft("a"), now: start + .seconds(119))
        #expect(early.0.isDuplicate && early.0.sequence == first.sequence && early.1 == nil)
        let late = memory.append(try draft("a"), now: start + .seconds(121))
        #expect(!late.0.isDuplicate && late.0.sequence > first.sequence)
    }

    @Test mutating func `the oldest entries are forgotten, and so are rooms that had nothing since`() throws {
        let quiet = try RoomName("quiet")
        _ = memory.append(try draft("q", in: quiet), now: start)
        for number in 0..<10_000 { _ = memory.append(try draft("\(number)"), now: start) }
        #expect(memory.entries(of: nil, after: .zero).count == 10_000)
        #expect(memory.entries(of: quiet, after: .zero) == [])
        #expect(memory.head(of: quiet) == .zero)
        #expect(memory.head(of: .global) == memory.last)
        #expect(memory.last == SequenceNumber(10_001))
        // Numbers go on all the same.
        let next = memory.append(try draft("q2", in: quiet), now: start)
        #expect(next.0.sequence == SequenceNumber(10_002))
        #expect(next.1?.previous == nil)
    }
}
