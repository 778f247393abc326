import Testing

@testable import ChatBench

@Suite("The account of deliveries")
struct DeliveryBookTests {
    /// A room of four, of whom the first two send; time is in milliseconds.
    private func book(_ dialect: LoadPlan.Dialect = .v2, rooms: Int = 1) -> DeliveryBook {
        var plan = LoadPlan(rooms: rooms, members: 4)
        plan.sendersPerRoom = 2
        plan.dialect = dialect
        var book = DeliveryBook(plan: plan, capacity: 64)
        book.start(Schedule(start: 0, rate: 1000, warmup: 0, seconds: 10))
        return book
    }

    private func send(_ count: Int, in book: inout DeliveryBook) {
        for _ in 0..<count {
            let number = book.table.next
            _ = book.begin(
                from: book.plan.sender(ofMessage: number), due: book.schedule.due(number),
                isAnswered: book.plan.dialect == .v2, at: book.schedule.due(number))
        }
    }

    private func deliver(
        _ number: UInt32, seq: UInt64, to connections: [Int], at milliseconds: Int64 = 5, in book: inout DeliveryBook
    ) {
        for connection in connections {
            book.delivered(.init(number: number, sequence: seq), to: connection, at: milliseconds * 1_000_000)
        }
    }

    private func faults(_ book: borrowing DeliveryBook) -> [Int] {
        [book.missing, book.counts.repeated, book.counts.disordered, book.counts.strangers]
    }

    @Test func `a run in order has no faults, and is settled`() {
        var book = book()
        send(2, in: &book)
        deliver(0, seq: 10, to: [1, 2, 3], in: &book)
        book.acknowledged(0, sequence: 10, to: 0, at: 4_000_000)
        deliver(1, seq: 20, to: [0, 2, 3], in: &book)
        let early = book.isSettled
        book.acknowledged(1, sequence: 20, to: 1, at: 4_000_000)
        expect(!early && book.isSettled && book.unanswered == 0)
        expect(faults(book), is: [0, 0, 0, 0])
        expect(book.counts.sent == 2 && book.counts.acknowledged == 2 && book.counts.deliveries == 6)
    }

    @Test func `latencies count from when a message was due`() {
        var book = book()
        send(1, in: &book)
        deliver(0, seq: 10, to: [1], at: 2, in: &book)
        deliver(0, seq: 10, to: [2], at: 3, in: &book)
        let early = book.round.summary
        deliver(0, seq: 10, to: [3], at: 9, in: &book)
        book.acknowledged(0, sequence: 10, to: 0, at: 7_000_000)
        expect(early == nil, "not before the last member has it")
        expect(book.delivery.summary?.count == 3 && abs((book.delivery.summary?.p50 ?? 0) - 3) < 0.01)
        expect(book.round.summary?.count == 1 && abs((book.round.summary?.max ?? 0) - 9) < 0.01)
        expect(abs((book.ack.summary?.max ?? 0) - 7) < 0.01)
    }

    @Test func `a lost delivery is missed, if the message was acknowledged`() {
        var book = book()
        send(2, in: &book)
        for number: UInt32 in [0, 1] { deliver(number, seq: UInt64(number) + 1, to: [2], in: &book) }
        expect(book.missing == 0)
        book.acknowledged(0, sequence: 1, to: 0, at: 0)
        expect(book.missing == 2 && !book.isSettled && book.unanswered == 1)
        book.refused(1, code: "rate_limited", to: 1)
        expect(book.missing == 2 && book.unanswered == 0 && book.counts.refused == ["rate_limited": 1])
    }

    @Test func `a repeat is told from disorder`() {
        var book = book()
        send(3, in: &book)
        deliver(0, seq: 10, to: [2, 2], in: &book)
        expect(faults(book), is: [0, 1, 0, 0])
        deliver(2, seq: 30, to: [2], in: &book)
        deliver(1, seq: 20, to: [2], in: &book)
        expect(faults(book), is: [0, 1, 1, 0])
        deliver(0, seq: 40, to: [2], in: &book)
        expect(faults(book), is: [0, 2, 1, 0], "the same message under another seq")
    }

    @Test func `an acknowledgement has a place in the order`() {
        var book = book()
        send(2, in: &book)
        deliver(1, seq: 20, to: [0], in: &book)
        book.acknowledged(0, sequence: 10, to: 0, at: 0)
        expect(faults(book)[2], is: 1)
    }

    @Test func `in the classic dialect a sender's own messages have an order`() {
        var book = book(.classic)
        send(6, in: &book)
        // Two senders take turns: 0, 2, 4 are one's, and the other's may come between them anywhere.
        deliver(1, seq: 0, to: [3], in: &book)
        for number: UInt32 in [0, 2, 3, 4, 5] { deliver(number, seq: 0, to: [3], in: &book) }
        expect(faults(book)[2], is: 0)
        for number: UInt32 in [4, 0, 2] { deliver(number, seq: 0, to: [2], in: &book) }
        expect(faults(book)[2], is: 1)
    }

    @Test func `nobody gets what nobody sent, or what is said elsewhere`() {
        var book = book(rooms: 2)
        send(2, in: &book)
        deliver(7, seq: 1, to: [1], in: &book)
        deliver(0, seq: 1, to: [5], in: &book)
        expect(faults(book)[3], is: 2)
        deliver(1, seq: 2, to: [5], in: &book)
        expect(faults(book), is: [0, 0, 0, 2])
    }

    @Test func `one's own message coming back is a repeat`() {
        var book = book()
        send(1, in: &book)
        deliver(0, seq: 1, to: [0], in: &book)
        expect(faults(book)[1], is: 1)
    }

    @Test func `who has gone is owed nothing, and what he waited for is nobody's fault`() {
        var book = book()
        send(2, in: &book)
        book.acknowledged(1, sequence: 2, to: 1, at: 0)
        deliver(1, seq: 2, to: [2, 3], in: &book)
        expect(book.missing == 1)
        book.left(connection: 0)
        expect(book.missing == 0 && book.isSettled && book.unanswered == 0)
        send(2, in: &book)
        book.acknowledged(3, sequence: 4, to: 1, at: 0)
        expect(book.missing == 2)
    }

    @Test func `a message that may have been stored is missed by nobody`() {
        var book = book()
        send(1, in: &book)
        book.refused(0, code: "unavailable", to: 0)
        expect(book.isSettled && book.missing == 0)
        deliver(0, seq: 1, to: [1, 2, 3], in: &book)
        expect(faults(book), is: [0, 0, 0, 0])
    }

    @Test func `only the first answer counts, and only at the sender's`() {
        var book = book()
        send(3, in: &book)
        let foreign = book.acknowledged(0, sequence: 1, to: 1, at: 0)
        let toMember = book.refused(0, code: "rate_limited", to: 3)
        expect(!foreign && !toMember && book.counts.acknowledged == 0 && book.counts.refused.isEmpty)
        expect(book.counts.strangers == 2 && book.unanswered == 3)
        let first = book.acknowledged(0, sequence: 1, to: 0, at: 0)
        let again = book.acknowledged(0, sequence: 1, to: 0, at: 0)
        let refusedToo = book.refused(0, code: "rate_limited", to: 0)
        expect(first && !again && !refusedToo && book.counts.acknowledged == 1)
        expect(book.counts.strangers == 2, "a repeated answer is no stranger's")
        let unsent = book.acknowledged(3, sequence: 9, to: 1, at: 0)
        expect(!unsent && book.counts.strangers == 3)
    }

    @Test func `a refused message that comes all the same is a stranger's`() {
        var book = book()
        send(2, in: &book)
        book.refused(1, code: "forbidden", to: 1)
        deliver(1, seq: 2, to: [2, 3], in: &book)
        expect(faults(book), is: [0, 0, 0, 2])
        expect(book.delivery.summary == nil, "and its time counts for nothing")
    }

    @Test func `a server that swallows everything is at fault`() {
        var book = book()
        send(3, in: &book)
        let faults = LoadReport.Faults(book: book, dropped: [:])
        #expect(faults == LoadReport.Faults(unanswered: 3, unacknowledged: 3))
        #expect(faults.lines == ["3 messages not answered", "3 messages sent, and not one acknowledged"])
    }

    @Test func `refusals are faults, unless it is only the rate`() {
        var book = book()
        send(4, in: &book)
        for number in [0, 1] { book.refused(number, code: "rate_limited", to: number) }
        let none = LoadReport.Faults(book: book, dropped: [:])
        #expect(none == LoadReport.Faults(unanswered: 2, unacknowledged: 4))
        book.acknowledged(2, sequence: 3, to: 0, at: 0)
        deliver(2, seq: 3, to: [1, 2, 3], in: &book)
        book.refused(3, code: "unavailable", to: 1)
        let rest = LoadReport.Faults(book: book, dropped: [:])
        #expect(rest == LoadReport.Faults(refused: 1))
    }

    @Test(arguments: [LoadPlan.Dialect.classic, .bare])
    func `where there are no answers, none is missed`(dialect: LoadPlan.Dialect) {
        var book = book(dialect)
        send(1, in: &book)
        deliver(0, seq: dialect == .bare ? 1 : 0, to: dialect == .bare ? [0, 1, 2, 3] : [1, 2, 3], in: &book)
        let faults = LoadReport.Faults(book: book, dropped: [:])
        #expect(faults.isNone)
    }

    @Test func `the listener of a floor learns of messages as they come`() {
        var book = book(.bare)
        deliver(3, seq: 4, to: [0, 1, 2, 3], in: &book)
        expect(book.table.next == 4 && book.missing == 12 && book.counts.strangers == 0)
        for number: UInt32 in 0..<3 { deliver(number, seq: UInt64(number) + 1, to: [0], in: &book) }
        expect(book.counts.disordered == 3)
    }
}
