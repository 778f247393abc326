/// The time since the beginning of the run.
struct RunClock: Sendable {
    private let start = ContinuousClock.now

    var now: Moment { Moment(nanoseconds: start.duration(to: .now).nanoseconds) }
}
