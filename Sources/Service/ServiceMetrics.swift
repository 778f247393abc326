import CoreMetrics
import Domain

/// What the rules of the service count. Made once and kept: making a counter is a thousand times dearer than counting.
struct ServiceMetrics: Sendable {
    let sessionsOpened: Counter
    let sessionsClosed: Counter
    let messagesAccepted: Counter
    let messagesRefused: Counter
    let appendsAcknowledged: Counter
    let appendsDuplicate: Counter
    private let appendsFailed: Counter
    private let appendsFailedByReason: [AppendFailure.Reason: Counter]
    let successions: Counter
    let rateLimited: Counter
    let rateUncounted: Counter

    init(_ factory: any MetricsFactory) {
        func counter(_ label: String) -> Counter { Counter(label: label, dimensions: [], factory: factory) }
        sessionsOpened = counter("chat_sessions_opened_total")
        sessionsClosed = counter("chat_sessions_closed_total")
        messagesAccepted = counter("chat_messages_accepted_total")
        messagesRefused = counter("chat_messages_refused_total")
        appendsAcknowledged = counter("chat_appends_acknowledged_total")
        appendsDuplicate = counter("chat_appends_duplicate_total")
        appendsFailed = counter("chat_appends_failed_total")
        appendsFailedByReason = Dictionary(
            uniqueKeysWithValues: AppendFailure.Reason.allCases.map { reason in
                let dimensions = [("reason", reason.rawValue)]
                return (
                    reason,
                    Counter(label: "chat_appends_failed_by_reason_total", dimensions: dimensions, factory: factory)
                )
            })
        successions = counter("chat_sessions_succeeded_total")
        rateLimited = counter("chat_rate_limited_total")
        rateUncounted = counter("chat_rate_uncounted_total")
    }

    func appendFailed(_ error: ChatError) {
        appendsFailed.increment()
        appendsFailedByReason[(error.cause as? AppendFailure)?.reason ?? .other]?.increment()
    }
}
