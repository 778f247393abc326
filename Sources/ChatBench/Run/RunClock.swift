/// Tells how long the run has been going on.
struct RunClock: Sendable {
    private let start = ContinuousClock.now

    var now: Moment { Moment(nanoseconds: start.duration(to: .now).nanoseconds) }
}
