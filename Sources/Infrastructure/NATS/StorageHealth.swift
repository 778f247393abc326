/// Whether a stream takes messages, as far as its answers to appends tell, and what an operator is told about it.
///
/// A pure value. Refusals of a single message, such as one that is too large, are not for it.
struct StorageHealth: Sendable {
    /// How long nothing may have been stored before it counts: a full store may still take shorter messages.
    static let patience: Duration = .seconds(1)
    /// How often an operator is told, at most.
    static let pause: Duration = .seconds(60)
    /// After how long without a try the next one is worth it, where nothing shows whether it would succeed.
    static let rest: Duration = .seconds(30)

    typealias Instant = ContinuousClock.Instant

    /// What a look at the stream has found.
    enum Finding: Equatable, Sendable {
        /// It does not answer.
        case silence
        /// Nobody keeps it: it is gone, or has no leader now.
        case absence
        /// By its figures it cannot take a message as large as the last one that it refused.
        case noRoom
        /// It answers, and nothing that it says speaks against a message.
        case room
    }

    private struct Refusals {
        var reason: String
        let since: Instant
        var last: Instant
        var count = 0
        /// Of the last one that was refused, as it would be stored.
        var bytes: Int
        /// Whether the stream has said no; else it has said nothing.
        var isAnswered: Bool
        /// Whether the stream's figures have shown the reason.
        var isExplained = false
        var isTold = false
    }

    private var refusals: Refusals?
    private var told: Instant?

    var isRefusing: Bool { refusals != nil }

    /// Of the last message that was refused, as it would be stored.
    var refusedBytes: Int { refusals?.bytes ?? 0 }

    /// Nothing was stored.
    ///
    /// - Parameter isAnswered: the stream has said no.
    /// - Returns: how many were refused so far, where it is time to tell an operator.
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

    /// A message was stored, or surely would be. - Returns: whether an operator is to be told.
    mutating func stored() -> Bool {
        defer { refusals = nil }
        return refusals?.isTold ?? false
    }

    /// Somebody has looked at the stream. - Returns: whether it is taken to store messages again.
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

    /// Why nothing can be stored; nil where something can, or that is not certain yet.
    func obstacle(now: Instant) -> String? {
        guard let refusals, now - refusals.since >= Self.patience else { return nil }
        return refusals.reason
    }
}
