import Domain
import Service

/// Finds out, from what a stream says of itself at one time and another, what it has let go of in between, besides what was
/// one too many of its subject: JetStream tells nobody that messages have become too old, or that an operator has removed
/// some.
///
/// What becomes too old goes at the stream's front. One message that is stored makes one too many of its subject at the
/// most, and none as long as all that there is would fit into one subject. What is gone beyond these somebody has removed.
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

    /// - Parameter report: from when on is looked; nil: from the first that is looked at.
    init(since report: StreamReport? = nil) { known = report.map(State.init) }

    /// - Returns: what is gone since the last report; nil where that is nothing, or nothing was known before.
    mutating func look(at report: StreamReport) -> BusEvent.Dropped? {
        let now = State(report)
        defer { known = now }
        // Another incarnation is told of in another way.
        guard let known, known.epoch == now.epoch else { return nil }
        // Gone back: it is not the stream's leader that has answered, or not for long.
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
