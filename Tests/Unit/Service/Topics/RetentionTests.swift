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
