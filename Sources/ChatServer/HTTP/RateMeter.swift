/// How much happens in a second, on average over the last few. A pure value, fed with counts that only grow.
struct RateMeter {
    struct Rates: Equatable, Sendable {
        var messages = 0.0
        var deliveries = 0.0
    }

    /// What was counted until a moment.
    struct Sample: Equatable, Sendable {
        let time: ContinuousClock.Instant
        let messages: Int
        let deliveries: Int
    }

    /// The time that the average is taken over.
    static let span = Duration.seconds(5)

    private var samples: [Sample] = []

    /// - Parameter sample: taken about once a second.
    mutating func take(_ sample: Sample) {
        samples.append(sample)
        // One that is as old as the span, or older, is where the average begins.
        if let first = samples.lastIndex(where: { sample.time - $0.time >= Self.span }) { samples.removeFirst(first) }
    }

    /// Rounded to tenths; zero before there are two samples.
    var rates: Rates {
        guard let first = samples.first, let last = samples.last, last.time > first.time else { return Rates() }
        let seconds = (last.time - first.time) / .seconds(1)
        func rate(_ path: KeyPath<Sample, Int>) -> Double {
            (Double(max(0, last[keyPath: path] - first[keyPath: path])) / seconds * 10).rounded() / 10
        }
        return Rates(messages: rate(\.messages), deliveries: rate(\.deliveries))
    }
}
