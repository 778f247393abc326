import Domain
import Testing

@testable import InfrastructureNATS

struct ClusterTasksTests {
    @Test func `what happens again is dealt with once, and nothing is crowded out`() async {
        let board = ClusterTaskBoard()
        board.note { $0.isBack = true }
        for _ in 0..<1000 { board.note { $0.unverified.insert(.rooms) } }
        board.note { $0.elected.insert(.inboxes) }
        var signals = board.signals.makeAsyncIterator()
        #expect(await signals.next() != nil)
        #expect(board.take() == ClusterTasks(isBack: true, unverified: [.rooms], elected: [.inboxes]))
        #expect(board.take() == ClusterTasks())
        board.note { $0.isClosed = true }
        #expect(await signals.next() != nil)
        #expect(board.take() == ClusterTasks(isClosed: true))
    }
}
