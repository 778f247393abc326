/// How fast lines may be sent. After a refusal the server asks for a pause, and from then on the client keeps to its
/// limit.
struct Pacing: Equatable, Sendable {
    /// Nothing is sent before this time.
    private(set) var pausedUntil: Duration?
    /// The time between two lines.
    private(set) var interval: Duration?

    var isPaused: Bool { pausedUntil != nil }

    mutating func pause(until moment: Duration) { pausedUntil = moment }

    /// From now on one line is sent per interval. Otherwise the whole window would be sent at once after a pause, and
    /// most of it refused again.
    mutating func keep(_ interval: Duration) { self.interval = interval }

    /// A line that counts for the limit was sent.
    mutating func sent(at now: Duration) {
        if let interval { pausedUntil = now + interval }
    }

    /// Advances the clock.
    mutating func advance(to now: Duration) {
        if let pausedUntil, pausedUntil <= now { self.pausedUntil = nil }
    }

    /// Ends the pause, because the next server may know nothing of it. The limit stays, because it is likely the same.
    mutating func connectionEnded() { pausedUntil = nil }

    /// The interval that keeps to a limit of `messages` per `seconds`. A tenth is added, since networks change the
    /// distance between frames.
    /// - Parameter messages: at least 1.
    static func interval(for messages: Int, in seconds: Int) -> Duration {
        let window = Duration.seconds(max(0, min(seconds, 3600)))
        return min(window * 11 / (max(1, min(messages, 1_000_000)) * 10), Timing.pause)
    }
}
