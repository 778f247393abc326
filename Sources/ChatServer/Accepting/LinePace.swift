import NIOCore

/// Lets a log line through once in a while, and counts what it stands for meanwhile.
struct LinePace {
    private let interval: TimeAmount
    private var next = NIODeadline.uptimeNanoseconds(0)
    private var count = 0

    init(_ interval: TimeAmount) { self.interval = interval }

    /// It has happened so many times more.
    ///
    /// - Returns: how often since the last line, where it is time for one.
    mutating func happened(_ times: Int = 1, at now: NIODeadline) -> Int? {
        count += times
        guard now >= next else { return nil }
        defer { count = 0 }
        next = now + interval
        return count
    }
}
