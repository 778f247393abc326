public import Domain

/// The two clocks, injected so that tests decide what time it is.
public struct TimeSource: Sendable {
    /// What the calendar says; may jump.
    public let wall: @Sendable () -> Timestamp
    /// Time that only goes forward, from an arbitrary start.
    public let monotonic: @Sendable () -> ContinuousClock.Instant

    public init(
        wall: @escaping @Sendable () -> Timestamp, monotonic: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// The system's clocks.
    public static let system = TimeSource(wall: { .now }, monotonic: { .now })
}
