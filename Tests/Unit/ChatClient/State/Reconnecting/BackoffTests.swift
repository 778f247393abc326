import Testing

@testable import ChatClient

@Suite struct BackoffTests {
    @Test func `The ceiling doubles from half a second to thirty`() {
        var backoff = Backoff()
        let delays = (0..<8).map { _ in backoff.next(random: 1) }
        #expect(delays == [0.5, 1, 2, 4, 8, 16, 30, 30].map { Duration.seconds($0) })
        backoff.reset()
        #expect(backoff.next(random: 1) == .seconds(0.5))
    }

    @Test(arguments: [0.0, 0.25, 0.5])
    func `The delay is drawn from zero up to the ceiling`(random: Double) {
        var backoff = Backoff()
        #expect(backoff.next(random: random) == .seconds(0.5) * random)
    }

    @Test func `A lower ceiling holds and very many failures do not overflow`() {
        var backoff = Backoff()
        for _ in 0..<100 { _ = backoff.next(random: 1) }
        #expect(backoff.next(random: 1) == .seconds(30))
        #expect(backoff.next(random: 1, most: .seconds(3)) == .seconds(3))
    }
}
