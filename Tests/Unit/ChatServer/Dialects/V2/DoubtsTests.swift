import Domain
import Testing

@testable import ChatServer

struct DoubtsTests {
    private var doubts = Doubts()

    @Test mutating func `each kind is asked about once, and an answer holds for its own kind only`() {
        let asks = [
            doubts.add(1, .rooms), doubts.add(2, .inboxes), doubts.add(3, .rooms), doubts.add(4, .inboxes),
        ]
        #expect(asks == [true, true, false, false])
        let rooms = doubts.take(.rooms)
        let inboxes = doubts.take(.inboxes)
        #expect(rooms == [1, 3] && inboxes == [2, 4])
    }

    @Test mutating func `what comes into doubt while a question is under way is asked about again`() {
        let isFirst = doubts.add(1, .rooms)
        let first = doubts.take(.rooms)
        let asksAgain = doubts.add(2, .rooms)
        let second = doubts.take(.rooms)
        let third = doubts.take(.rooms)
        #expect(isFirst && first == [1])
        #expect(asksAgain && second == [2] && third == [])
    }
}
