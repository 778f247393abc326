/// The time to wait before the next try. It grows, and has jitter, so that the instances of a cluster do not all come
/// back to a restarted Redis at the same moment.
struct RedisReconnectDelays {
    static let shortest: Duration = .milliseconds(50)
    static let longest: Duration = .seconds(2)

    private var ceiling = shortest

    /// - Returns: between half of the ceiling and all of it. The ceiling doubles with each call, up to ``longest``.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { ceiling = min(ceiling * 2, Self.longest) }
        return ceiling * Double.random(in: 0.5...1, using: &generator)
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    mutating func reset() { ceiling = Self.shortest }
}
