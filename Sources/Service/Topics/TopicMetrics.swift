import CoreMetrics
import Domain

/// What the topics count and time. Made once and kept: making a counter is a thousand times dearer than counting.
struct TopicMetrics: Sendable {
    let entriesReceived: Counter
    let entriesRecovered: Counter
    private let entriesUnknown: Counter
    let gapsFound: Counter
    let gapsLost: Counter
    let epochsBegun: Counter
    let logReads: Counter
    let logReadSeconds: Timer
    let resumes: Counter
    let noticesMerged: Counter

    init(_ factory: any MetricsFactory) {
        func counter(_ label: String) -> Counter { Counter(label: label, dimensions: [], factory: factory) }
        entriesReceived = counter("chat_room_entries_received_total")
        entriesRecovered = counter("chat_room_entries_recovered_total")
        entriesUnknown = counter("chat_entries_unknown_total")
        gapsFound = counter("chat_gaps_found_total")
        gapsLost = counter("chat_gaps_lost_total")
        epochsBegun = counter("chat_epochs_begun_total")
        logReads = counter("chat_log_reads_total")
        logReadSeconds = Timer(label: "chat_log_read_seconds", dimensions: [], factory: factory)
        resumes = counter("chat_resumes_total")
        noticesMerged = counter("chat_notices_merged_total")
    }

    /// Counts those of the entries that nobody here understands.
    func passedOver(_ entries: some Sequence<Entry>) {
        for entry in entries {
            if case .unknown = entry.body { entriesUnknown.increment() }
        }
    }
}
