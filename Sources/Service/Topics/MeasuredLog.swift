import CoreMetrics
import Domain

/// The log as the topics read it: each read is counted and timed, whether it succeeds or not.
struct MeasuredLog: Sendable {
    /// Asked for what is no read.
    let log: any MessageLog
    let metrics: TopicMetrics
    let now: @Sendable () -> ContinuousClock.Instant

    /// See ``MessageLog/page(of:_:limit:)``.
    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        let page = try await reading { () async throws(ChatError) in
            try await log.page(of: topic, range, limit: limit)
        }
        metrics.passedOver(page.entries)
        return page
    }

    /// See ``MessageLog/readAll(_:after:atMost:_:)``.
    func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([Entry]) -> Void
    ) async throws(ChatError) -> SequenceNumber? {
        try await reading { () async throws(ChatError) in
            try await log.readAll(kind, after: sequence, atMost: maximum) { [metrics] entries in
                metrics.passedOver(entries)
                batch(entries)
            }
        }
    }

    private func reading<Value>(_ body: () async throws(ChatError) -> Value) async throws(ChatError) -> Value {
        metrics.logReads.increment()
        let began = now()
        defer { metrics.logReadSeconds.recordNanoseconds(Int64((now() - began) / .nanoseconds(1))) }
        return try await body()
    }
}
