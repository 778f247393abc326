import Domain
import Service
import Testing

@testable import ChatServer

struct RefusalCountTests {
    /// The outcomes of so many refusals in a row.
    private func add(_ refusals: Int, to count: inout RefusalCount, _ rate: RateLimit) -> [Bool] {
        (0..<refusals).map { _ in count.add(rate) }
    }

    @Test(arguments: [(1, 100), (10, 100), (20, 200)])
    func `a client is sent away when ten bursts more were refused than done`(messages: Int, patience: Int) throws {
        let rate = try #require(RateLimit(messages: messages, window: .seconds(1)))
        var count = RefusalCount()
        #expect(add(patience, to: &count, rate).allSatisfy { !$0 })
        count.forgive()
        #expect(add(2, to: &count, rate) == [false, true])
    }

    @Test func `what is done in advance buys nothing`() throws {
        let rate = try #require(RateLimit(messages: 10, window: .seconds(1)))
        var count = RefusalCount()
        for _ in 0..<50 { count.forgive() }
        #expect(add(101, to: &count, rate).filter { $0 }.count == 1)
    }
}
