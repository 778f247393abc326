import Testing

@testable import ChatBench

@Suite("Messages under way")
struct DeliveryTableTests {
    private func begin(_ table: inout DeliveryTable, heldBy holders: [Int] = [0]) -> Int {
        table.begin(room: 0, sender: 0, due: 5, isMeasured: true, heldBy: holders)
    }

    /// In words, so that an expectation can be read.
    private func arrive(_ number: Int, _ place: Int, _ table: inout DeliveryTable) -> String {
        switch table.arrived(number, place: place) {
        case .new(_, let isLast): isLast ? "last" : "new"
        case .repeated: "repeated"
        case .stranger: "stranger"
        }
    }

    @Test(arguments: [2, 63, 64, 65, 1000])
    func `each member has a message once, and the last is known`(members: Int) {
        var table = DeliveryTable(membersPerRoom: members, capacity: 4)
        let number = begin(&table)
        for place in 1..<members {
            let first = arrive(number, place, &table)
            let second = arrive(number, place, &table)
            expect(first == (place == members - 1 ? "last" : "new") && second == "repeated")
        }
        let toSender = arrive(number, 0, &table)
        let toNobody = arrive(number, members, &table)
        let unsent = arrive(number + 1, 1, &table)
        expect(toSender == "repeated" && toNobody == "stranger" && unsent == "stranger")
    }

    @Test func `what everybody has and was answered makes room`() {
        var table = DeliveryTable(membersPerRoom: 2, capacity: 4)
        for _ in 0..<4 { _ = begin(&table) }
        expect(table.isFull)
        _ = table.arrived(0, place: 1)
        table.forgetSettled()
        let unanswered = table.isFull
        _ = table.answer(0, .acknowledged)
        _ = table.answer(1, .acknowledged)
        table.forgetSettled()
        expect(unanswered && !table.isFull && table.first == 1, "the second has not come yet")
        let again = arrive(0, 1, &table)
        expect(again == "repeated", "a message that is done with can only come again")
    }

    @Test func `a slot that is used again has forgotten the message before`() {
        var table = DeliveryTable(membersPerRoom: 70, capacity: 2)
        for round in 0..<5 {
            let number = begin(&table)
            for place in 1..<70 {
                let arrival = arrive(number, place, &table)
                expect(arrival == (place == 69 ? "last" : "new"), "round \(round)")
            }
            _ = table.answer(number, .acknowledged)
            table.forgetSettled()
            expect(table.first == number + 1)
        }
    }

    @Test func `a refused message holds up nobody, one of unknown outcome only while there is room`() {
        var table = DeliveryTable(membersPerRoom: 2, capacity: 8)
        _ = begin(&table)
        _ = table.answer(0, .refused)
        table.forgetSettled()
        expect(table.first == 1)
        _ = begin(&table)
        _ = table.answer(1, .unknown)
        table.forgetSettled()
        expect(table.first == 1)
        for _ in 0..<4 { _ = begin(&table) }
        table.forgetSettled()
        expect(table.first == 2)
    }

    @Test func `nobody is to get a refused message`() {
        var table = DeliveryTable(membersPerRoom: 3, capacity: 4)
        _ = begin(&table)
        let before = arrive(0, 1, &table)
        _ = table.answer(0, .refused)
        let after = arrive(0, 2, &table)
        expect(before == "new" && after == "stranger" && table.slot(0).remaining == 1)
    }

    @Test func `a message is answered once`() {
        var table = DeliveryTable(membersPerRoom: 2, capacity: 4)
        _ = begin(&table)
        let first = table.answer(0, .acknowledged)
        let second = table.answer(0, .refused)
        let unsent = table.answer(1, .refused)
        expect(first != nil && second == nil && unsent == nil)
        expect(table.slot(0).answer == .acknowledged)
    }

    @Test func `who has gone is not waited for`() {
        var table = DeliveryTable(membersPerRoom: 3, capacity: 4)
        _ = begin(&table)
        _ = table.arrived(0, place: 1)
        table.release(room: 1, place: 2)
        expect(table.slot(0).remaining == 1)
        table.release(room: 0, place: 2)
        expect(table.slot(0).remaining == 0)
    }
}
