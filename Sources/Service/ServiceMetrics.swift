import CoreMetrics
import Domain

/// What the service counts and times. Made once and kept: making a counter is a thousand times dearer than counting.
struct ServiceMetrics: Sendable {
    let sessionsOpened: Counter
    let sessionsClosed: Counter
    let messagesAccepted: Counter
    let messagesRefused: Counter
    let appendsAcknowledged: Counter
    let appendsDuplicate: Counter
    private let appendsFailed: Counter
    private let appendsFailedByReason: [AppendFailure.Reason: Counter]
    let entriesReceived: Counter
    private let entriesUnknown: Counter
    let logReads: Counter
    let logReadSeconds: Timer
    let entriesRecovered: Counter
    let gapsFound: Counter
    let gapsLost: Counter
    let resumes: Counter
    let successions: Counter
    let epochsBegun: Counter
    let noticesMerged: Counter

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
        entriesReceived = counter("chat_room_entries_received_total")
        entriesUnknown = counter("chat_entries_unknown_total")
        logReads = counter("chat_log_reads_total")
        logReadSeconds = Timer(label: "chat_log_read_seconds", dimensions: [], factory: factory)
        entriesRecovered = counter("chat_room_entries_recovered_total")
        gapsFound = counter("chat_gaps_found_total")
        gapsLost = counter("chat_gaps_lost_total")
        resumes = counter("chat_resumes_total")
        successions = counter("chat_sessions_succeeded_total")
        epochsBegun = counter("chat_epochs_begun_total")
        noticesMerged = counter("chat_notices_merged_total")
    }

    /// Counts those of the entries that nobody here understands.
    func passedOver(_ entries: some Sequence<Entry>) {
        for entry in entries {
            if case .unknown = entry.body { entriesUnknown.increment() }
        }
    }

    func appendFailed(_ error: ChatError) {
        appendsFailed.increment()
        appendsFailedByReason[(error.cause as? AppendFailure)?.reason ?? .other]?.increment()
    }
}
