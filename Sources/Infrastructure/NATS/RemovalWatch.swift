import Domain
import Service

/// Finds out what a stream has dropped, by comparing its reports. JetStream tells nobody when messages expire or an
/// operator removes some. Messages dropped because their subject was full are not counted here.
///
/// Messages that expire go from the stream's front. Storing one message drops at most one message of its subject, and
/// none as long as all messages together would fit into one subject. What is gone beyond that was removed by somebody.
/// A pure value.
struct RemovalWatch {
    private struct State {
        let epoch: Epoch
        let limit: Int64
        let first: UInt64
        let last: UInt64
        let messages: UInt64

        init(_ report: StreamReport) {
            epoch = report.epoch
            limit = report.limit
            first = report.first
            last = report.last
            messages = report.messages
        }
    }

    private var known: State?

    /// - Parameter report: the report to compare the first one with; nil: the first report only sets the starting
    ///   point.
    init(since report: StreamReport? = nil) { known = report.map(State.init) }

    /// - Returns: what is gone since the last report; nil if that is nothing, or if there was no report before.
    mutating func look(at report: StreamReport) -> BusEvent.Dropped? {
        let now = State(report)
        defer { known = now }
        // Another incarnation is reported elsewhere.
        guard let known, known.epoch == now.epoch else { return nil }
        // The numbers went back: the answer did not come from the stream's leader, or from one just elected.
        guard now.first >= known.first, now.last >= known.last else { return nil }
        let stored = now.last - known.last
        let (wouldHave, overflow) = known.messages.addingReportingOverflow(stored)
        let removed = overflow || wouldHave < now.messages ? 0 : wouldHave - now.messages
        let passed = now.first - known.first
        let limit = UInt64(clamping: known.limit)
        let surplus = overflow || wouldHave > limit ? min(stored, wouldHave &- limit) : 0
        if now.limit != known.limit || removed > surplus + passed { return .unknown }
        return passed > 0 ? .upTo(SequenceNumber(now.first - 1)) : nil
    }
}
