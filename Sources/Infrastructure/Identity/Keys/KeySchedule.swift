/// When the keys of a URL are fetched. A pure value that is told the time.
///
/// They are fetched at the start, hourly, and when a token names a key that is not known, but for that at most once a
/// minute: whoever sends tokens with made-up ids must not be able to make the server send requests. What has failed is
/// tried again after one second, two, four, and then every minute.
struct KeySchedule {
    static let period = Duration.seconds(3600)
    static let pauseBetweenQuestions = Duration.seconds(60)
    private static let longestDelay = Duration.seconds(60)

    private enum Phase {
        case idle
        /// A token's key is asked for; the fetch has not begun.
        case asked
        case fetching
    }

    private var phase = Phase.idle
    /// When the keys are to be fetched although nobody asks.
    private var due: ContinuousClock.Instant
    private var lastQuestion: ContinuousClock.Instant?
    private var failures = 0

    init(now: ContinuousClock.Instant) { due = now }

    /// Whether somebody waits, or may wait, for the end of a fetch.
    var isBusy: Bool {
        switch phase {
        case .idle: false
        case .asked, .fetching: true
        }
    }

    /// A token names a key that is not known.
    ///
    /// - Returns: whether a fetch is under way or about to begin, so that it is worth to wait for its end.
    mutating func ask(now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .asked, .fetching: return true
        case .idle:
            if due > now {
                if let lastQuestion, now - lastQuestion < Self.pauseBetweenQuestions { return false }
                lastQuestion = now
            }
            phase = .asked
            return true
        }
    }

    /// - Returns: whether the keys are to be fetched now. Then ``end(_:now:)`` follows.
    mutating func begin(now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .fetching: return false
        case .idle where due > now: return false
        case .idle, .asked:
            phase = .fetching
            return true
        }
    }

    /// The fetch has ended.
    ///
    /// - Returns: whether it has begun to fail, or to succeed, which is worth a line in the log.
    mutating func end(hasSucceeded: Bool, now: ContinuousClock.Instant) -> Bool {
        phase = .idle
        let hadFailed = failures > 0
        failures = hasSucceeded ? 0 : failures + 1
        let delay = Duration.seconds(1 << min(max(failures - 1, 0), 10))
        due = now + (hasSucceeded ? Self.period : min(delay, Self.longestDelay))
        return hasSucceeded == hadFailed
    }
}
