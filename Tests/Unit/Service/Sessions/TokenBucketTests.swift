import Testing

@testable import Service

struct TokenBucketTests {
    private let start = ContinuousClock.now

    private func bucket(_ messages: Int, per window: Duration) throws -> TokenBucket {
        TokenBucket(try #require(RateLimit(messages: messages, window: window)), now: start)
    }

    @Test func `a burst is allowed, and then one has to wait for the next token`() throws {
        var bucket = try bucket(5, per: .seconds(10))
        for _ in 0..<5 { #expect(bucket.take(now: start) == nil) }
        #expect(bucket.take(now: start) == .seconds(2))
        #expect(bucket.take(now: start + .milliseconds(500)) == .milliseconds(1500))
        #expect(bucket.take(now: start + .seconds(2)) == nil)
        #expect(bucket.take(now: start + .seconds(2)) == .seconds(2))
    }

    @Test func `to be refused costs nothing`() throws {
        var bucket = try bucket(1, per: .seconds(10))
        #expect(bucket.take(now: start) == nil)
        for second in 1..<10 { #expect(bucket.take(now: start + .seconds(second)) != nil) }
        #expect(bucket.take(now: start + .milliseconds(10_001)) == nil)
    }

    @Test func `however long one was silent, no more than a burst is saved up`() throws {
        var bucket = try bucket(3, per: .seconds(3))
        let later = start + .seconds(100_000)
        for _ in 0..<3 { #expect(bucket.take(now: later) == nil) }
        #expect(bucket.take(now: later) == .seconds(1))
    }

    @Test func `over a long time exactly the rate comes through`() throws {
        var bucket = try bucket(100, per: .seconds(10))
        var taken = 0
        for step in 0..<100_000 where bucket.take(now: start + .milliseconds(step)) == nil { taken += 1 }
        #expect((1098...1100).contains(taken))
    }

    @Test func `a clock that stands still or goes back gives nothing`() throws {
        var bucket = try bucket(1, per: .seconds(1))
        #expect(bucket.take(now: start + .seconds(5)) == nil)
        #expect(bucket.take(now: start) == .seconds(1))
        #expect(bucket.take(now: start) == .seconds(1))
    }

    @Test(arguments: [(0, 10), (-1, 10), (10, 0), (10, -1)])
    func `a limit of nothing is no limit`(messages: Int, seconds: Int) {
        #expect(RateLimit(messages: messages, window: .seconds(seconds)) == nil)
    }
}
