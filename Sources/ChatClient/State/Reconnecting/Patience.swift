/// How long the client goes on without a connection before it gives up.
enum Patience: Equatable, Sendable {
    /// A user is present and can end the client, or it was told never to give up.
    case unlimited
    /// A pipe gives up after this time; with `nil`, after ``Timing/outage`` or ``Timing/attempts`` failures.
    case limited(Duration?)

    /// When an attempt that may take up to `limit` must be given up.
    func deadline(_ limit: Duration, of outage: Outage, at now: Duration) -> Duration {
        guard case .limited(let most?) = self else { return limit }
        return max(now, min(limit, outage.began + most))
    }

    /// Whether the patience ends before the next attempt, which begins at `moment`.
    func isOver(with outage: Outage, until moment: Duration) -> Bool {
        guard case .limited(let most) = self else { return false }
        let length = moment - outage.began
        if let most { return length >= most }
        let isTooOften = outage.nameTakenSince == nil && outage.failures >= Timing.attempts
        return isTooOften || length > Timing.outage
    }
}

/// A time without a connection.
struct Outage: Equatable, Sendable {
    /// The time of the first attempt, or of the loss of the last connection.
    let began: Duration
    /// The number of failures that were followed by a pause.
    var failures = 0
    /// When a reconnect first found the name taken.
    var nameTakenSince: Duration?
}
