/// Growing delays between attempts, drawn at random from zero up to a ceiling that doubles ("full jitter"), so that the
/// clients of a server that died do not come back in the same instant.
struct Backoff: Equatable, Sendable {
    static let first = Duration.milliseconds(500)
    static let ceiling = Duration.seconds(30)

    private(set) var failures = 0

    /// The delay before the next attempt.
    /// - Parameters:
    ///   - random: a random number in 0..<1.
    ///   - most: a lower ceiling than the usual one.
    mutating func next(random: Double, most: Duration = ceiling) -> Duration {
        let doublings = min(failures, 16)
        failures += 1
        return min(min(Self.first * (1 << doublings), Self.ceiling), most) * random
    }

    mutating func reset() { failures = 0 }
}
