/// How often something may happen: so many times at once, and then evenly as time passes. A pure value.
///
/// What there is to remember is one moment (the “generic cell rate algorithm”). One that lies in the past says nothing, so
/// that it can be forgotten.
struct RatePace: Equatable, Sendable {
    /// Between two of them, in nanoseconds.
    private let interval: UInt64
    private let burst: UInt64

    /// - Parameters:
    ///   - count: as many as may happen at once, and in `seconds` afterwards; 1 at least.
    ///   - seconds: the window.
    init(_ count: Int, perSeconds seconds: Int) {
        let count = UInt64(max(count, 1))
        interval = max(UInt64(max(seconds, 1)) * 1_000_000_000 / count, 1)
        burst = count
    }

    /// Lets it happen, or says in how many nanoseconds it may.
    ///
    /// - Parameter spent: the moment to remember; 0 at first. It changes only where this returns nil.
    func wait(_ spent: inout UInt64, at now: UInt64) -> UInt64? {
        let from = max(spent, now)
        let next = from + interval
        let limit = now + interval * burst
        guard next <= limit else { return next - limit }
        spent = next
        return nil
    }
}
