import Domain
import Testing

@testable import Service
@testable import SteppedService

/// What is shown from memory is what the log retains.
struct RetentionTests {
    private let chat = SteppedChat()
    private let room = Topic.room(.global)

    private func reader(_ name: String = "alice") throws -> SteppedReader {
        let reader = try chat.open(name)
        try reader.read(room, at: .latest(50))
        chat.settle()
        _ = reader.numbers()
        return reader
    }

    /// Asks for some of the history, and steps until it is there.
    private func history(_ range: LogRange = .latest, limit: Int = 100) async throws -> ReadingPage {
        let (service, topic) = (chat.service, room)
        let task = chat.begin { try await service.topics.history(of: topic, range, limit: limit) }
        chat.settle()
        return try await task.value
    }

    private func numbers(_ page: ReadingPage) -> [UInt64] { page.entries.map(\.sequence.value) }

    @Test func `history shows as many as the log retains, and says that there are no older ones`() async throws {
        chat.log.retain(10)
        let reader = try reader()
        for number in 1...25 { chat.store("\(number)") }
        chat.settle()
        #expect(reader.numbers() == Array(1...25))
        let reads = chat.count("chat_log_reads_total")
        for limit in [10, 100] {
            let page = try await history(limit: limit)
            #expect(numbers(page) == Array(16...25) && !page.more)
        }
        let older = try await history(.before(SequenceNumber(20)))
        #expect(numbers(older) == Array(16...19) && !older.more)
        // Who stood before what was dropped has missed something, and hears so.
        #expect(try await history(.after(SequenceNumber(14))).isTruncated)
        #expect(try await !history(.after(SequenceNumber(15))).isTruncated)
        #expect(chat.count("chat_log_reads_total") == reads)
    }

    /// Nobody follows the room, so each page comes from the log.
    @Test func `where entries are passed over, history reads on to the next message or to the end`() async throws {
        chat.store("1")
        for number in 2...1500 { chat.log.store(number.isMultiple(of: 2) ? .unknown : .foreignNotice("x"), in: room) }
        for number in 1501...1503 { chat.store("\(number)") }
        for _ in 1504...1600 { chat.log.store(.unknown, in: room) }
        for (range, limit, expected, more) in [
            (.latest, 2, [1502, 1503], true), (.before(SequenceNumber(1503)), 10, [1501, 1502], true),
            (.before(SequenceNumber(1501)), 10, [1], false), (.before(SequenceNumber(1)), 10, [], false),
            (.after(.zero), 1, [1], true), (.after(SequenceNumber(1)), 2, [1501, 1502], true),
            (.after(SequenceNumber(1502)), 5, [1503], true), (.after(SequenceNumber(1503)), 5, [], false),
        ] as [(LogRange, Int, [UInt64], Bool)] {
            let page = try await history(range, limit: limit)
            #expect(numbers(page) == expected, "\(range)")
            #expect(page.more == more, "\(range)")
        }
        chat.log.retain(20)
        chat.log.store(.unknown, in: room)
        let page = try await history(.before(SequenceNumber(1599)), limit: 5)
        #expect(numbers(page) == [] && !page.more)
    }

    @Test func `what the log says to have dropped is shown no more, at once`() async throws {
        _ = try reader()
        for number in 1...9 { chat.store("\(number)") }
        chat.settle()
        chat.log.drop(upTo: SequenceNumber(4))
        chat.log.tell(.dropped(.upTo(SequenceNumber(4)), of: .topic(room)))
        let page = try await history()
        #expect(numbers(page) == Array(5...9) && !page.more)
        chat.log.drop(upTo: SequenceNumber(6))
        chat.log.tell(.dropped(.unknown, of: .all(.rooms)))
        #expect(numbers(try await history()) == [7, 8, 9])
        // Another kind's log is another matter.
        _ = try reader("bob")
        chat.log.drop(upTo: SequenceNumber(7))
        chat.log.tell(.dropped(.unknown, of: .all(.inboxes)))
        #expect(numbers(try await history()) == [7, 8, 9])
    }

    @Test func `a room of which everything was removed can be entered, read, and said something in`() throws {
        chat.run()
        let first = try reader()
        for number in 1...9 { chat.store("\(number)") }
        chat.settle()
        #expect(first.numbers().count == 9)
        chat.log.drop(upTo: SequenceNumber(9))
        chat.log.tell(.dropped(.unknown, of: .all(.rooms)))
        let second = try chat.open("bob")
        try second.read(room, at: .latest(50))
        chat.settle()
        #expect(second.numbers() == [])
        chat.store("10")
        chat.settle()
        #expect(first.numbers() == [10] && second.numbers() == [10])
    }
}
