import Testing

@testable import ChatServer

struct OccupancyTests {
    private func occupancy(_ connections: Int, isDraining: Bool = false) -> Occupancy {
        Occupancy(connections: connections, maximum: 2, isDraining: isDraining)
    }

    @Test(arguments: [(0, nil), (1, nil), (2, .full), (3, .full)] as [(Int, Refusal?)])
    func `there is room until as many are here as may be`(connections: Int, refusal: Refusal?) {
        let result = Result { () throws(Refusal) in try occupancy(connections).checkHasRoom() }
        #expect(result.refusal == refusal)
    }

    @Test func `a server that drains is not open, however few are here`() {
        #expect(throws: Never.self) { try occupancy(3).checkIsOpen() }
        #expect(throws: Refusal.draining) { try occupancy(0, isDraining: true).checkIsOpen() }
    }
}
