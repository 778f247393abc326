/// How long the client goes without a connection before it stops trying.
enum Patience: Equatable, Sendable {
    /// Someone sits there and ends it, or it was asked never to give up.
    case unlimited
    /// A pipe gives up after this time; where nothing was said after ``Timing/outage``, or after ``Timing/attempts``
    /// failures.
    case limited(Duration?)

    /// When an attempt that may take until `limit` has to be given up.
    func deadline(_ limit: Duration, of outage: Outage, at now: Duration) -> Duration {
        guard case .limited(let most?) = self else { return limit }
        return max(now, min(limit, outage.began + most))
    }

    /// Whether nobody would wait for the next attempt, which begins at `moment`.
    func isOver(with outage: Outage, until moment: Duration) -> Bool {
        guard case .limited(let most) = self else { return false }
        let length = moment - outage.began
        if let most { return length >= most }
        let isTooOften = outage.nameTakenSince == nil && outage.failures >= Timing.attempts
        return isTooOften || length > Timing.outage
    }
}

/// The time without a connection.
struct Outage: Equatable, Sendable {
    /// The first attempt, or the loss of the last connection.
    let began: Duration
    /// Failures that were followed by a pause.
    var failures = 0
    /// The first time that a reconnect found the name taken.
    var nameTakenSince: Duration?
}
