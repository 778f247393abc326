import NIOCore
import Testing

@testable import ChatServer

struct DescriptorBudgetTests {
    @Test func `where there are enough descriptors there are as many connections as are wanted, and some sockets more`()
    {
        for limit in [nil, 1_000_000] {
            let budget = DescriptorBudget(limit: limit, wanted: 20_000, eventLoops: 2)
            #expect(budget.connections == 20_000)
            #expect(budget.sockets == 20_000 + DescriptorBudget.http)
        }
    }

    @Test(arguments: [300, 1_024, 20_000])
    func `descriptors are kept for the server itself, and sockets for what is no WebSocket`(limit: Int) {
        let budget = DescriptorBudget(limit: limit, wanted: 1_000_000, eventLoops: 2)
        #expect(limit - budget.sockets == 64 + 2 * 4)
        #expect(budget.sockets - budget.connections == DescriptorBudget.http)
    }

    @Test(arguments: [1, 16, 64, 100, 200])
    func `with few descriptors half of them are the server's own`(limit: Int) {
        let budget = DescriptorBudget(limit: limit, wanted: 20_000, eventLoops: 2)
        #expect(budget.connections == 1)
        #expect(budget.sockets >= 2 && budget.sockets <= max(2, limit / 2, limit - 72))
    }
}

struct LinePaceTests {
    @Test func `there is one line in a while, which says how often`() {
        var pace = LinePace(.seconds(10))
        let start = NIODeadline.uptimeNanoseconds(1)
        #expect(pace.happened(at: start) == 1)
        #expect(pace.happened(4, at: start + .seconds(1)) == nil)
        #expect(pace.happened(at: start + .seconds(9)) == nil)
        #expect(pace.happened(at: start + .seconds(10)) == 6)
    }
}
