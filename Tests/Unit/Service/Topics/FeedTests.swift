import Domain
import Testing

@testable import Service

struct FeedTests {
    private func entry(_ sequence: UInt64, size: Int = 1000) -> Entry {
        let message = Message(
            id: MessageID("m"), sender: "a", content: String(repeating: "x", count: size),
            timestamp: Timestamp(millisecondsSince1970: 0))
        return Entry(
            topic: .room(.global), sequence: SequenceNumber(sequence), previous: nil, body: .message(message))
    }

    private func fill(_ feed: Feed) {
        feed.withState { state in
            let page = LogPage(entries: [], more: false, floor: .zero, head: .zero, epoch: Epoch("e"))
            state.window = .filled(Window(page, shown: [], cursor: .zero))
        }
    }

    private func show(_ count: UInt64, in feed: Feed) {
        for sequence in 1...count { feed.withState { $0.keep(.entry(entry(sequence))) } }
    }

    @Test func `a topic that nobody has read keeps nothing`() {
        let budget = WindowBudget(limit: 1 << 20)
        let feed = Feed(.room(.global), budget: budget, now: { .now })
        show(5, in: feed)
        #expect(feed.withState { $0.filled == nil })
        #expect(budget.bytes == 0)
    }

    @Test func `what is shown while the window is filled is kept for it, in order`() {
        let feed = Feed(.room(.global), budget: WindowBudget(limit: 1 << 20), now: { .now })
        feed.withState { $0.window = .filling(shown: []) }
        show(3, in: feed)
        feed.withState { $0.keep(.late(entry(9))) }
        feed.withState { $0.keep(.gap(after: SequenceNumber(3), before: SequenceNumber(5))) }
        feed.withState { state in
            guard case .filling(let shown) = state.window else {
                Issue.record("not filling")
                return
            }
            #expect(shown.map(\.sequence.value) == [1, 2, 3])
        }
    }

    @Test func `a gap that is told raises the floor: who stood before it has missed something`() {
        let feed = Feed(.room(.global), budget: WindowBudget(limit: 1 << 20), now: { .now })
        fill(feed)
        show(3, in: feed)
        feed.withState { $0.keep(.gap(after: SequenceNumber(3), before: SequenceNumber(8))) }
        feed.withState { $0.keep(.entry(entry(8))) }
        #expect(feed.withState { $0.filled?.floor } == SequenceNumber(8))
        // What stood before it may be gone as well: the log is asked.
        #expect(feed.withState { $0.filled?.count } == 1)
        #expect(feed.withState { $0.filled?.start } == SequenceNumber(7))
    }

    @Test func `what the log has dropped is given back, and of what nobody knows what it was all is read again`() {
        let budget = WindowBudget(limit: 1 << 20)
        let feed = Feed(.room(.global), budget: budget, now: { .now })
        fill(feed)
        show(3, in: feed)
        let all = budget.bytes
        feed.withState { $0.forget(.upTo(SequenceNumber(2))) }
        #expect(feed.withState { $0.filled?.count } == 1)
        #expect(budget.bytes == all / 3)
        feed.withState { $0.forget(.unknown) }
        #expect(feed.withState { $0.filled == nil })
        #expect(budget.bytes == 0)
    }

    @Test(arguments: [BusEvent.Dropped.unknown, .upTo(SequenceNumber(1))])
    func `what is dropped while the window is filled is read again`(dropped: BusEvent.Dropped) {
        let feed = Feed(.room(.global), budget: WindowBudget(limit: 1 << 20), now: { .now })
        feed.withState { $0.window = .filling(shown: []) }
        feed.withState { $0.forget(dropped) }
        feed.withState { state in
            guard case .empty = state.window else {
                Issue.record("what was read before is still taken")
                return
            }
        }
    }

    @Test func `what all windows keep is counted, and given back`() {
        let budget = WindowBudget(limit: 1 << 20)
        do {
            let feeds = (0..<3).map { _ in Feed(.room(.global), budget: budget, now: { .now }) }
            for feed in feeds {
                fill(feed)
                show(10, in: feed)
            }
            #expect(budget.bytes == 30 * entry(1).frameSize)
            feeds[0].withState { $0.window = .empty }
            #expect(budget.bytes == 20 * entry(1).frameSize)
        }
        #expect(budget.bytes == 0)
    }

    @Test func `past the budget a window that grows keeps its share, and the newest message always`() {
        let budget = WindowBudget(limit: 100_000)
        let feeds = (0..<4).map { _ in Feed(.room(.global), budget: budget, now: { .now }) }
        for feed in feeds { fill(feed) }
        show(80, in: feeds[0])
        show(200, in: feeds[1])
        #expect(feeds[0].withState { $0.filled?.count } == 80)
        let bytes = feeds[1].withState { $0.filled?.bytes } ?? 0
        #expect(bytes <= WindowBudget.share && bytes > WindowBudget.share - 2 * entry(1).frameSize)
        // Every window may have its share, and one message, however large.
        for feed in feeds[2...] { feed.withState { $0.keep(.entry(entry(1, size: 60_000))) } }
        for feed in feeds[2...] { #expect(feed.withState { $0.filled?.count } == 1) }
        #expect(budget.bytes == feeds.reduce(0) { $0 + ($1.withState { $0.filled?.bytes } ?? 0) })
    }
}
