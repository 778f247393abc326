import NIOCore

/// Limits how often an event is logged, and counts the events in between.
struct LinePace {
    private let interval: TimeAmount
    private var next = NIODeadline.uptimeNanoseconds(0)
    private var count = 0

    init(_ interval: TimeAmount) { self.interval = interval }

    /// Notes that the event happened this many times.
    ///
    /// - Returns: the number of events since the last line, if a line is due.
    mutating func happened(_ times: Int = 1, at now: NIODeadline) -> Int? {
        count += times
        guard now >= next else { return nil }
        defer { count = 0 }
        next = now + interval
        return count
    }
}
