/// A point in a run: nanoseconds since its beginning, on a monotonic clock.
struct Moment: Hashable, Comparable, Sendable {
    var nanoseconds: Int64

    static let start = Moment(nanoseconds: 0)

    static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (moment: Moment, duration: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds + duration.nanoseconds)
    }

    static func - (moment: Moment, duration: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds - duration.nanoseconds)
    }

    static func - (left: Moment, right: Moment) -> Duration { .nanoseconds(left.nanoseconds - right.nanoseconds) }
}

extension Moment: CustomStringConvertible {
    /// Seconds with three decimals, as in `12.345 s`.
    var description: String {
        let milliseconds = nanoseconds / 1_000_000
        let decimals = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(decimals) s"
    }
}

extension Duration {
    /// Whole nanoseconds; good for 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    var milliseconds: Double { Double(nanoseconds) / 1_000_000 }
}
