import Domain
import Testing

@testable import Service

/// The order of locks, which debug builds watch.
struct OrderedMutexTests {
    @Test func `locks are taken one inside the other in their order, and each again once it is free`() {
        let first = OrderedMutex(1, rank: .interest)
        let second = OrderedMutex(2, rank: .feed)
        let last = OrderedMutex(3)
        for _ in 0..<2 {
            let sum = first.withLock { a in second.withLock { b in last.withLock { a + b + $0 } } }
            #expect(sum == 6)
            #expect(second.withLock { $0 } == 2)
        }
    }

    @Test func `an error leaves the lock free`() {
        let mutex = OrderedMutex(1, rank: .feed)
        for _ in 0..<2 {
            #expect(throws: ChatError.self) {
                try mutex.withLock { _ throws(ChatError) in throw ChatError(.unavailable, "down") }
            }
        }
        #expect(mutex.withLock { $0 } == 1)
    }

    #if DEBUG
        @Test func `a lock that is taken out of turn stops the process`() async {
            await #expect(processExitsWith: .failure) {
                let feeds = OrderedMutex((), rank: .feeds)
                let feed = OrderedMutex((), rank: .feed)
                feeds.withLock { _ in feed.withLock { _ in } }
            }
        }

        @Test func `a lock that is taken twice stops the process, and does not hang`() async {
            await #expect(processExitsWith: .failure) {
                let feed = OrderedMutex((), rank: .feed)
                feed.withLock { _ in OrderedMutex((), rank: .feed).withLock { _ in } }
            }
        }

        @Test func `an event loop that takes a feed's lock stops the process`() async {
            await #expect(processExitsWith: .failure) {
                let feed = Feed(
                    .room(.global), budget: WindowBudget(limit: 0), now: { .now }, mayWaitHere: { false })
                feed.withState { _ in }
            }
        }
    #endif
}
