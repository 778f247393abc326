/// Whether a stream takes messages, as far as its answers to appends tell, and what an operator is told about it.
///
/// A pure value. Refusals that concern a single message, such as one that is too large, are not reported to it.
struct StorageHealth: Sendable {
    /// How long nothing may be stored before the stream counts as failing. A full store may still accept shorter
    /// messages.
    static let patience: Duration = .seconds(1)
    /// The shortest time between two log lines for operators.
    static let pause: Duration = .seconds(60)
    /// After this time without an attempt the next one is worthwhile, if nothing shows whether it would succeed.
    static let rest: Duration = .seconds(30)

    typealias Instant = ContinuousClock.Instant

    /// The result of a check.
    enum Finding: Equatable, Sendable {
        /// The stream does not answer.
        case silence
        /// Nobody holds the stream: it is gone, or has no leader now.
        case absence
        /// By its figures it cannot accept a message as large as the last one that it refused.
        case noRoom
        /// It answers, and its figures leave room for a message.
        case room
    }

    private struct Refusals {
        var reason: String
        let since: Instant
        var last: Instant
        var count = 0
        /// The size of the last refused message in its stored form.
        var bytes: Int
        /// Whether the stream refused it; false if the stream did not answer.
        var isAnswered: Bool
        /// Whether the stream's figures explain the refusal.
        var isExplained = false
        var isTold = false
    }

    private var refusals: Refusals?
    private var told: Instant?

    var isRefusing: Bool { refusals != nil }

    /// The size of the last refused message in its stored form.
    var refusedBytes: Int { refusals?.bytes ?? 0 }

    /// Notes that a message was not stored.
    ///
    /// - Parameter isAnswered: whether the stream refused it.
    /// - Returns: the number of refusals so far, if it is time to tell an operator.
    mutating func refused(_ reason: String, isAnswered: Bool, bytes: Int, now: Instant) -> Int? {
        var current = refusals ?? Refusals(reason: reason, since: now, last: now, bytes: bytes, isAnswered: isAnswered)
        current.reason = reason
        current.last = now
        current.count += 1
        current.bytes = bytes
        current.isAnswered = isAnswered
        let isDue = told.map { now - $0 >= Self.pause } ?? true
        if isDue {
            told = now
            current.isTold = true
        }
        refusals = current
        return isDue ? current.count : nil
    }

    /// Notes that a message was stored, or certainly would be. - Returns: whether to tell an operator.
    mutating func stored() -> Bool {
        defer { refusals = nil }
        return refusals?.isTold ?? false
    }

    /// Takes the result of a check. - Returns: whether the stream now counts as storing messages again.
    mutating func judge(_ finding: Finding, now: Instant) -> Bool {
        guard let current = refusals else { return false }
        switch finding {
        case .silence, .absence: return false
        case .noRoom:
            refusals?.isExplained = true
            return false
        case .room: return !current.isAnswered || current.isExplained || now - current.last >= Self.rest
        }
    }

    /// Why nothing can be stored; nil if something can, or if that is not certain yet.
    func obstacle(now: Instant) -> String? {
        guard let refusals, now - refusals.since >= Self.patience else { return nil }
        return refusals.reason
    }
}
