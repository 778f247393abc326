import Testing
import Wire

@testable import ChatClient

@Suite struct TailTests {
    private func page(_ range: ClosedRange<UInt64>, more: Bool) -> V2Event {
        .history(
            V2History(
                room: "dev", messages: range.map { .said("\($0)", $0, in: "dev") }, more: more, truncated: false,
                epoch: "e"))
    }

    private func numbers(_ step: Tail.Step) -> [UInt64]? {
        if case .done(let messages) = step { messages.map(\.sequence) } else { nil }
    }

    @Test func `The latest ones of what comes with the entry`() {
        var tail = Tail(3)
        let step = tail.hear(page(1...5, more: true))
        #expect(numbers(step) == [3, 4, 5])
    }

    @Test func `Fewer than asked for are all there are`() {
        var tail = Tail(3)
        let step = tail.hear(page(7...8, more: false))
        #expect(numbers(step) == [7, 8])
    }

    @Test func `Older ones are asked for until there are enough`() {
        var tail = Tail(250)
        let first = tail.hear(page(301...400, more: true))
        #expect(first == .older(100))
        let second = tail.hear(page(201...300, more: true))
        #expect(second == .older(50))
        let last = tail.hear(page(151...200, more: true))
        #expect(numbers(last) == Array(151...400))
    }

    @Test func `What is said meanwhile counts, once`() {
        var tail = Tail(3)
        let early = tail.hear(.chatMessage(.said("9", 9, in: "dev")))
        #expect(early == .wait)
        let first = tail.hear(page(7...8, more: true))
        #expect(first == .older(1))
        let live = tail.hear(.chatMessage(.said("9", 9, in: "dev")))
        #expect(live == .wait)
        let last = tail.hear(page(5...6, more: true))
        #expect(numbers(last) == [7, 8, 9])
    }

    @Test func `A page that brings nothing older ends it, whatever it promises`() {
        var tail = Tail(9)
        _ = tail.hear(page(1...2, more: true))
        let step = tail.hear(page(1...2, more: true))
        #expect(numbers(step) == [1, 2])
    }
}
