/// How fast lines may go out: a server that had too much at once asks for a pause, and from then on its limit is kept.
struct Pacing: Equatable, Sendable {
    /// Until then nothing is sent.
    private(set) var pausedUntil: Duration?
    /// From one line to the next.
    private(set) var interval: Duration?

    var isPaused: Bool { pausedUntil != nil }

    mutating func pause(until moment: Duration) { pausedUntil = moment }

    /// From now on a line goes out in each interval only. Otherwise all that the window holds would go out at once after a
    /// pause, and most of it be refused again.
    mutating func keep(_ interval: Duration) { self.interval = interval }

    /// A line that counts was sent.
    mutating func sent(at now: Duration) {
        if let interval { pausedUntil = now + interval }
    }

    /// Time has passed.
    mutating func advance(to now: Duration) {
        if let pausedUntil, pausedUntil <= now { self.pausedUntil = nil }
    }

    /// The next connection may be to a server that knows nothing of a pause; the limit will be the same.
    mutating func connectionEnded() { pausedUntil = nil }

    /// The interval at which nobody sends more than so many messages in so many seconds. A tenth is added, since the network
    /// does not keep distances.
    /// - Parameter messages: at least 1.
    static func interval(for messages: Int, in seconds: Int) -> Duration {
        let window = Duration.seconds(max(0, min(seconds, 3600)))
        return min(window * 11 / (max(1, min(messages, 1_000_000)) * 10), Timing.pause)
    }
}
