import Testing

@testable import ChatServer

struct RateMeterTests {
    private let start = ContinuousClock.now

    private func meter(_ samples: [(Double, Int, Int)]) -> RateMeter {
        var meter = RateMeter()
        for (seconds, messages, deliveries) in samples {
            meter.take(.init(time: start + .seconds(seconds), messages: messages, deliveries: deliveries))
        }
        return meter
    }

    @Test(
        arguments: [
            ([], 0, 0), ([(0, 9, 9)], 0, 0), ([(0, 0, 0), (1, 10, 100)], 10, 100), ([(0, 0, 0), (4, 10, 1)], 2.5, 0.3),
            // Only the last five seconds count.
            ((0...20).map { (Double($0), $0 < 15 ? 0 : ($0 - 15) * 10, 0) }, 10, 0),
            // After a pause in which no sample could be taken.
            ([(0, 0, 0), (100, 1000, 0)], 10, 0),
            // Counts that were reset are no negative rate.
            ([(0, 50, 50), (1, 0, 0)], 0, 0), ([(1, 0, 0), (1, 50, 50)], 0, 0),
        ] as [([(Double, Int, Int)], Double, Double)])
    func `the rate is the average of the last seconds`(
        samples: [(Double, Int, Int)], messages: Double, deliveries: Double
    ) {
        #expect(meter(samples).rates == .init(messages: messages, deliveries: deliveries))
    }
}
